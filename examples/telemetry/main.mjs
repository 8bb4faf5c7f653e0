/**
 * Reads a file in pieces of 64 KiB, 16 at a time, and sends spans and metrics of all requests to an OpenTelemetry collector by
 * OTLP over HTTP: main.mjs FILE. The collector is at OTEL_EXPORTER_OTLP_ENDPOINT, by default http://localhost:4318.
 *
 *     npm install @opentelemetry/api @opentelemetry/context-async-hooks @opentelemetry/resources \
 *       @opentelemetry/sdk-trace-base @opentelemetry/sdk-metrics \
 *       @opentelemetry/exporter-trace-otlp-http @opentelemetry/exporter-metrics-otlp-http
 *
 * @module
 */

import { AioQueue } from "@posix/aio";
import fs from "node:fs";
import process from "node:process";
import { observeQueue, traceRequests } from "./requests.ts";

// imported when it runs, so that this repository can be checked where they are not installed
const { context, metrics, trace } = await import("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = await import("@opentelemetry/context-async-hooks");
const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
const { resourceFromAttributes } = await import("@opentelemetry/resources");
const { MeterProvider, PeriodicExportingMetricReader } = await import("@opentelemetry/sdk-metrics");
const { BasicTracerProvider, BatchSpanProcessor } = await import("@opentelemetry/sdk-trace-base");

const BLOCK_BYTES = 64 * 1024;

const resource = resourceFromAttributes({ "service.name": "aio-example" });
const tracers = new BasicTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(tracers);
metrics.setGlobalMeterProvider(meters);

const tracer = trace.getTracer("aio-example");
const meter = metrics.getMeter("aio-example");
const stop = traceRequests(tracer, meter);

const [path] = process.argv.slice(2);
await tracer.startActiveSpan("read a file", async (span) => {
  const queue = new AioQueue({ depth: 16 });
  observeQueue(meter, queue);
  const fd = fs.openSync(path, "r");
  try {
    const count = Math.ceil(fs.fstatSync(fd).size / BLOCK_BYTES);
    const reads = await Promise.all(
      Array.from({ length: count }, (_, index) => queue.read(fd, { offset: index * BLOCK_BYTES, length: BLOCK_BYTES })),
    );
    console.log(`${reads.reduce((sum, { bytes }) => sum + bytes, 0)} bytes in ${count} reads`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await queue.close();
    await meters.forceFlush(); // while the queue can still be asked
    fs.closeSync(fd);
    span.end();
  }
});
stop();
await Promise.all([tracers.shutdown(), meters.shutdown()]);
