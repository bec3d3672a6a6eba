/**
 * Tracing by OpenTelemetry's SDK, which sends batches of spans to a collector. Loaded by `startTracing` alone. The variables of
 * the SDK apply: OTEL_TRACES_SAMPLER for a part of all traces, OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_… for the batches.
 */
import { hostname } from 'node:os';
import { ROOT_CONTEXT, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TraceAttributes, TraceSpan, Tracing } from './tracing.ts';

/** Retries included: less than the server has for stopping. */
const EXPORT_TIMEOUT_MS = 5_000;

/** One clock for all spans: the SDK takes one of its own for each, so that parts seem to outlast the whole. In milliseconds. */
const now = (): number => performance.timeOrigin + performance.now();

export class OtlpTracing implements Tracing {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor(otlpUrl: string) {
    const url = `${otlpUrl.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'concord',
        'service.instance.id': hostname(),
      }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.#tracer = this.#provider.getTracer('concord');
  }

  start(name: string, attributes: TraceAttributes = {}): TraceSpan {
    const span = this.#tracer.startSpan(name, { attributes, startTime: now() }, ROOT_CONTEXT);
    return new OtlpSpan(this.#tracer, span);
  }

  async stop(): Promise<void> {
    // A collector that is away must not keep the server from stopping.
    await this.#provider.shutdown().catch(() => {});
  }
}

class OtlpSpan implements TraceSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;

  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
  }

  child(name: string, attributes: TraceAttributes = {}): TraceSpan {
    const within = trace.setSpan(ROOT_CONTEXT, this.#span);
    const span = this.#tracer.startSpan(name, { attributes, startTime: now() }, within);
    return new OtlpSpan(this.#tracer, span);
  }

  set(attributes: TraceAttributes): void {
    this.#span.setAttributes(attributes);
  }

  end(error?: string): void {
    if (error !== undefined) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    this.#span.end(now());
  }
}
