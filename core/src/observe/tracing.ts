// Traces from a request to the call of a vendor, over OpenTelemetry's API. A request and its intake are one trace;
// a batch of resolve, and a delivery, serve many requests, so they are traces of their own with links to
// what they may carry. Attributes are ids from config and counts: never a person's data, a URL or a secret.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';

export interface RequestSpan {
  within<Result>(work: () => Result): Result;
  end(answer: { readonly route: string; readonly method: string; readonly status: number }): void;
}

export interface Tracing {
  /** @param traceparent W3C's header as it came; what is none begins a trace of its own. */
  request(traceparent: string | undefined): RequestSpan;
  /** A source's records on their way into the log. */
  intake<Result>(source: string, records: number, work: () => Promise<Result>): Promise<Result>;
  /** Within `intake`: the log numbers that were given. */
  accepted(numbers: readonly (number | undefined)[]): void;
  /** A batch of resolve, after its end. */
  resolved(batch: {
    readonly upTo: number;
    readonly events: number;
    readonly milliseconds: number;
  }): void;
  /** One call of a destination's plugin. `work` begins in the same tick. */
  deliver<Result>(
    instance: string,
    deliveries: number,
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** A plugin's HTTP call, after its answer. Vendors are sent no header of it. */
  called(
    instance: string,
    call: { readonly status?: number; readonly failure?: string; readonly milliseconds: number },
  ): void;
}

// Bounds on what is remembered to link to: a hub that is behind links to the latest.
const mostEvents = 20_000;
const mostBatches = 256;
const mostLinks = 64;

export function createTracing(tracer: Tracer, now: () => number): Tracing {
  const active = new AsyncLocalStorage<Span>();
  const memory = createMemory();
  const parent = (): Context => {
    const span = active.getStore();
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  };
  async function within<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
    try {
      return await active.run(span, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
  /** What is told after its end. */
  function tell(name: string, milliseconds: number, options: SpanOptions, context: Context): Span {
    const endTime = now();
    const span = tracer.startSpan(name, { ...options, startTime: endTime - milliseconds }, context);
    if (options.attributes?.['error.type'] !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(endTime);
    return span;
  }

  return {
    request(traceparent) {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, readParent(traceparent));
      return {
        within: (work) => active.run(span, work),
        end: (answer) => endRequest(span, answer),
      };
    },
    intake(source, records, work) {
      const attributes = { 'tributary.source': source, 'tributary.records': records };
      return within(tracer.startSpan('intake', { attributes }, parent()), work);
    },
    accepted(numbers) {
      const span = active.getStore();
      if (span) memory.accepted(numbers, span.spanContext());
    },
    resolved({ upTo, events, milliseconds }) {
      const options = {
        links: memory.takeEvents(upTo),
        attributes: { 'tributary.events': events },
      };
      memory.resolved(tell('resolve', milliseconds, options, ROOT_CONTEXT).spanContext());
    },
    deliver(instance, deliveries, work) {
      const attributes = { 'tributary.instance': instance, 'tributary.deliveries': deliveries };
      const options = { attributes, links: memory.takeBatches(instance) };
      return within(tracer.startSpan('deliver', options, ROOT_CONTEXT), work);
    },
    called(instance, { status, failure, milliseconds }) {
      const attributes = {
        'tributary.instance': instance,
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
        ...(failure === undefined ? {} : { 'error.type': failure }),
      };
      tell('call', milliseconds, { kind: SpanKind.CLIENT, attributes }, parent());
    },
  };
}

function endRequest(
  span: Span,
  { route, method, status }: Parameters<RequestSpan['end']>[0],
): void {
  span.updateName(`request ${route}`);
  span.setAttributes({
    'http.request.method': method,
    'http.response.status_code': status,
    'tributary.route': route,
  });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

interface Memory {
  accepted(numbers: readonly (number | undefined)[], context: SpanContext): void;
  /** Of the events up to a number, each of them once. */
  takeEvents(upTo: number): Link[];
  resolved(batch: SpanContext): void;
  /** The batches since the instance asked last. */
  takeBatches(instance: string): Link[];
}

function createMemory(): Memory {
  const events = new Map<number, SpanContext>();
  const batches: SpanContext[] = [];
  const askedAt = new Map<string, number>();
  let count = 0;
  return {
    accepted(numbers, context) {
      for (const number of numbers) if (number !== undefined) events.set(number, context);
      for (const number of events.keys()) {
        if (events.size <= mostEvents) break;
        events.delete(number);
      }
    },
    takeEvents(upTo) {
      const found = new Map<string, Link>();
      for (const [number, context] of events) {
        if (number > upTo) continue;
        events.delete(number);
        if (found.size < mostLinks) found.set(context.spanId, { context });
      }
      return [...found.values()];
    },
    resolved(batch) {
      count += 1;
      batches.push(batch);
      if (batches.length > mostBatches) batches.shift();
    },
    takeBatches(instance) {
      const fresh = Math.min(count - (askedAt.get(instance) ?? 0), mostLinks);
      askedAt.set(instance, count);
      return fresh === 0 ? [] : batches.slice(-fresh).map((context) => ({ context }));
    },
  };
}

const form = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** https://www.w3.org/TR/trace-context: zeros and version ff are no context. */
function readParent(header: string | undefined): Context {
  const [, traceId, spanId, flags = '00'] = form.exec(header ?? '') ?? [];
  const isNone = traceId === undefined || spanId === undefined || header?.startsWith('ff') === true;
  if (isNone || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & 1;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
