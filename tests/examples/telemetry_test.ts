// The example that exports OpenTelemetry's spans and histograms, to a stub of a collector on the loopback interface.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { runChild } from "../support/child.ts";
import type { ChildResult } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface Point {
  readonly count?: number;
  readonly sum?: number;
  readonly asInt?: number;
  readonly asDouble?: number;
  readonly bucketCounts?: readonly number[];
  readonly attributes: readonly Attribute[];
}

interface Metric {
  readonly name: string;
  readonly histogram?: { readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
}

const attributesOf = ({ attributes }: { attributes: readonly Attribute[] }) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue]),
  );

/** Runs the example with a collector; what it sent. */
async function collect(path: string): Promise<{ found: ChildResult; spans: Span[]; metrics: Metric[] }> {
  const spans: Span[] = [];
  const metrics: Metric[] = [];
  const server = http.createServer((request, response) => {
    const pieces: Uint8Array[] = [];
    request.on("data", (piece) => pieces.push(piece)).on("end", () => {
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(pieces.map(String).join(""));
      for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
      for (const { scopeMetrics } of resourceMetrics) for (const scope of scopeMetrics) metrics.push(...scope.metrics);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const found = await runChild(new URL("../../examples/telemetry/main.mjs", import.meta.url), {
      args: [path],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    });
    return { found, spans, metrics };
  } finally {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The last points of a metric: what was counted until then. */
function pointsOf(metrics: readonly Metric[], name: string): readonly Point[] {
  const last = metrics.findLast((metric) => metric.name === name);
  assert(last !== undefined, `no ${name} among ${metrics.map((metric) => metric.name)}`);
  return (last.histogram ?? last.gauge)!.dataPoints;
}

const BLOCK_BYTES = 64 * 1024;

describe("telemetry/main.mjs", () => {
  it("exports a span for each request, below that of its caller, and histograms of all", async () => {
    using folder = new TemporaryFolder();
    const bytes = 40 * BLOCK_BYTES + 8;
    const { found, spans, metrics } = await collect(folder.write("file", knownBytes(bytes)));
    assertEquals([found.code, found.stdout, found.stderr], [0, `${bytes} bytes in 41 reads\n`, ""]);
    const [job, ...others] = spans.filter(({ name }) => name !== "aio read");
    assertEquals([job.name, others], ["read a file", []]);
    const reads = spans.filter(({ name }) => name === "aio read");
    assertEquals(reads.length, 41);
    for (const { traceId, parentSpanId, startTimeUnixNano, endTimeUnixNano, status } of reads) {
      assertEquals([traceId, parentSpanId, status.code], [job.traceId, job.spanId, 0]);
      assert(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
    }
    const told = reads.map(attributesOf).sort((a, b) => Number(a["aio.offset"]) - Number(b["aio.offset"]));
    told.forEach((attributes, index) => {
      assertEquals(attributes["aio.offset"], index * BLOCK_BYTES);
      assertEquals(attributes["aio.length"], BLOCK_BYTES);
      assertEquals(attributes["aio.bytes"], index < 40 ? BLOCK_BYTES : 8);
    });
    for (const name of ["aio.request.duration", "aio.request.waiting"]) {
      const [{ count, sum, bucketCounts, ...point }, ...more] = pointsOf(metrics, name);
      assertEquals([count, attributesOf(point), more], [41, { "aio.op": "read" }, []]);
      assertEquals(bucketCounts?.reduce((total, one) => total + one, 0), 41);
      assert((sum as number) > 0 || name.endsWith("waiting"), String(sum));
    }
    const [gauge] = pointsOf(metrics, "aio.queue.in_flight");
    assertEquals(gauge.asInt ?? gauge.asDouble, 0);
  });

  it("tells of what failed: the span's status and exception, the kind of error in the histogram", async () => {
    using folder = new TemporaryFolder();
    const { found, spans, metrics } = await collect(folder.path); // a folder opens, and cannot be read
    assertEquals([found.code, found.stdout], [1, ""]);
    assertMatch(found.stderr, /EISDIR/);
    const failed = spans.filter(({ name }) => name === "aio read");
    assert(failed.length > 0);
    for (const { status, events } of failed) {
      assertEquals(status.code, 2);
      assertMatch(status.message ?? "", /EISDIR/);
      assertEquals(events.map(({ name }) => name), ["exception"]);
      assertMatch(String(attributesOf(events[0])["exception.message"]), /EISDIR/);
    }
    const [point, ...more] = pointsOf(metrics, "aio.request.duration");
    assertEquals([point.count, attributesOf(point), more], [
      failed.length,
      { "aio.op": "read", "error.type": "EISDIR" },
      [],
    ]);
  });
});
