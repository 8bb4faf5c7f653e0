/**
 * A span and an entry in a histogram for each request of every queue, through the tracing channel `posix.aio.request`, and what a
 * queue has under way as a gauge. It takes any tracer and meter of OpenTelemetry's API; main.mjs beside it sets them up.
 *
 * @module
 */

import type { AioQueue, RequestTrace } from "@posix/aio";
import { tracingChannel } from "node:diagnostics_channel";

type Attributes = Record<string, string | number>;

/** Of a span of `@opentelemetry/api`, what is used here. */
export interface Span {
  setAttribute(name: string, value: number): unknown;
  setStatus(status: { code: number; message: string }): unknown;
  recordException(error: Error): void;
  end(): void;
}

/** Likewise of a tracer. */
export interface Tracer {
  startSpan(name: string, options: { attributes: Attributes }): Span;
}

/** Likewise of a meter. */
export interface Meter {
  createHistogram(
    name: string,
    options: { description: string; unit: string; advice?: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, attributes: Attributes): void };
  createObservableGauge(name: string, options: { description: string; unit: string }): {
    addCallback(callback: (result: { observe(value: number): void }) => void): void;
  };
}

/** `SpanStatusCode.ERROR` */
const ERROR = 2;

/** From 10 microseconds to 10 seconds. */
const BOUNDARIES = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10].flatMap((seconds) => [seconds, seconds * 2.5, seconds * 5]);

/**
 * Traces and measures all requests from now on.
 *
 * @param tracer Makes the spans; where a context manager is set up, they are children of what the caller has under way.
 * @param meter Makes the histograms.
 * @returns A function that ends it.
 */
export function traceRequests(tracer: Tracer, meter: Meter): () => void {
  const duration = meter.createHistogram("aio.request.duration", {
    description: "From the call until the answer",
    unit: "s",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const waiting = meter.createHistogram("aio.request.waiting", {
    description: "Of that, the time until there was room in the queue",
    unit: "s",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const begun = new WeakMap<object, { readonly span: Span; readonly at: number }>();
  const requests = tracingChannel("posix.aio.request");
  const subscribers = {
    start(trace: object): void {
      const { op, fd, offset, length } = trace as RequestTrace;
      const attributes = { "aio.fd": fd, "aio.offset": offset, "aio.length": length };
      begun.set(trace, { span: tracer.startSpan(`aio ${op}`, { attributes }), at: performance.now() });
    },
    end(): void {},
    asyncStart(): void {},
    error(): void {},
    asyncEnd(trace: object): void {
      const { op, bytes = 0, error, submittedAt } = trace as RequestTrace;
      const known = begun.get(trace);
      if (known === undefined) return;
      const { span, at } = known;
      const attributes: Attributes = { "aio.op": op };
      span.setAttribute("aio.bytes", bytes);
      if (error !== undefined) {
        const failure = error instanceof Error ? error : new Error(String(error)); // an abort's reason may be anything
        attributes["error.type"] = (failure as { code?: string }).code ?? failure.name;
        span.recordException(failure);
        span.setStatus({ code: ERROR, message: failure.message });
      }
      duration.record((performance.now() - at) / 1000, attributes);
      if (submittedAt !== undefined) waiting.record(Math.max(0, submittedAt - at) / 1000, attributes);
      span.end();
    },
  };
  requests.subscribe(subscribers);
  return () => void requests.unsubscribe(subscribers);
}

/**
 * Tells how many requests of a queue are under way, as often as metrics are read.
 *
 * @param meter Makes the gauge.
 * @param queue The queue.
 */
export function observeQueue(meter: Meter, queue: AioQueue): void {
  meter.createObservableGauge("aio.queue.in_flight", { description: "Requests under way", unit: "{request}" })
    .addCallback((result) => result.observe(queue.stats().inFlight));
}
