/**
 * Traces of single operations and requests, for one who looks where time goes. Off unless an address is configured:
 * nothing of OpenTelemetry is loaded then, and what is traced asks for no more than whether there is tracing.
 */

/** No text, title, name or token. */
export type TraceAttributes = Readonly<Record<string, string | number>>;

/** A piece of work, from its beginning until {@link end}. */
export interface TraceSpan {
  /** A piece within this one, which begins now. */
  child(name: string, attributes?: TraceAttributes): TraceSpan;
  set(attributes: TraceAttributes): void;
  /** @param error why it failed, a code; absent when it did not */
  end(error?: string): void;
}

export interface Tracing {
  /** Begins a trace. */
  start(name: string, attributes?: TraceAttributes): TraceSpan;
  /** Sends what was traced last. Never rejects. */
  stop(): Promise<void>;
}

/** @param otlpUrl of a collector (OTLP over HTTP), without a path; null for no tracing */
export async function startTracing(otlpUrl: string | null): Promise<Tracing | null> {
  if (otlpUrl === null) return null;
  const { OtlpTracing } = await import('./otlp-tracing.ts');
  return new OtlpTracing(otlpUrl);
}
