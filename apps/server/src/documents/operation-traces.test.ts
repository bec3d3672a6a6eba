import { readdirSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { ClientId, DocumentId } from '@concord/protocol';
import type { TraceAttributes, TraceSpan, Tracing } from '../platform/tracing.ts';
import type { Batch } from '../store/ports/store.ts';
import type { DocumentInput } from './core/document-messages.ts';
import { OperationTraces } from './operation-traces.ts';

const document = 'document' as DocumentId;
const client = 'client' as ClientId;
const SESSION = 7;

/** What was traced, in the order in which it happened. */
let events: string[];
let attributes: Record<string, string | number>;

class RecordedSpan implements TraceSpan {
  readonly #name: string;
  constructor(name: string, given: TraceAttributes = {}) {
    this.#name = name;
    events.push(`+${name}`);
    this.set(given);
  }
  child(name: string, given?: TraceAttributes): TraceSpan {
    return new RecordedSpan(`${this.#name}/${name}`, given);
  }
  set(given: TraceAttributes): void {
    Object.assign(attributes, given);
  }
  end(error?: string): void {
    events.push(`-${this.#name}${error === undefined ? '' : ` (${error})`}`);
  }
}

let traces: OperationTraces;
beforeEach(() => {
  events = [];
  attributes = {};
  const tracing: Tracing = {
    start: (name, given) => new RecordedSpan(name, given),
    stop: () => Promise.resolve(),
  };
  traces = new OperationTraces(tracing);
});

const step = (input: unknown): void => traces.step(document, input as DocumentInput, () => {});
const join = (session = SESSION): void =>
  step({ type: 'join', session, message: { clientId: client } });
const submit = (seq: number): void =>
  traces.received(document, () => step({ type: 'submit', session: SESSION, message: { seq } }));
const batch = (...numbers: number[]): Batch => ({
  documentId: document,
  firstVersion: 1,
  operations: numbers.map((seq) => ({ clientId: client, seq }) as Batch['operations'][number]),
});

it('an operation has a span from its frame to the frame for all, with its parts in it', () => {
  join();
  submit(1);
  const append = traces.appending(batch(1));
  append.durable();
  append.broadcast();
  expect(events).toEqual([
    ...['+operation', '+operation/transform', '-operation/transform'],
    ...['+operation/append', '-operation/append'],
    ...['+operation/broadcast', '-operation/broadcast', '-operation'],
  ]);
  expect(attributes).toEqual({
    'concord.document': document,
    'concord.client': client,
    'concord.seq': 1,
    'concord.batch': 1,
  });
});

it('of a batch each traced operation has its own, and those by the REST API have none', () => {
  join();
  submit(1);
  submit(2);
  traces.appending(batch(1, 2, 99)).failed();
  expect(events.filter((event) => event === '-operation (failed)')).toHaveLength(2);
  expect(attributes['concord.batch']).toBe(3);
});

it('a rejected operation ends with the code of its rejection, once', () => {
  join();
  submit(1);
  traces.rejected(document, SESSION, 1, 'rateLimited');
  traces.rejected(document, SESSION, 1, 'rateLimited');
  expect(events.filter((event) => event === '-operation (rateLimited)')).toHaveLength(1);
});

it('a frame that no owner takes ends at once: malformed, or of a session that left', () => {
  traces.received(document, () => {});
  join();
  step({ type: 'left', session: SESSION });
  submit(1);
  expect(events.filter((event) => event === '-operation (notTaken)')).toHaveLength(2);
  expect(() =>
    traces.received(document, () => {
      throw new Error('bug');
    }),
  ).toThrow('bug');
  expect(events.at(-1)).toBe('-operation (notTaken)');
});

it('what is never decided is ended when too many are open', () => {
  join();
  for (let seq = 1; seq <= 10_001; seq += 1) submit(seq);
  expect(events.filter((event) => event === '-operation (undecided)')).toHaveLength(1);
});

it('nothing of OpenTelemetry is loaded unless tracing is on: one module imports it, and that one only on demand', () => {
  const root = pathOf(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => ({ path, text: readFileSync(pathOf(root, path), 'utf8') }));
  const importing = (what: RegExp): string[] =>
    sources.filter(({ text }) => what.test(text)).map(({ path }) => path);
  expect(importing(/from '@opentelemetry/)).toEqual([pathOf('platform', 'otlp-tracing.ts')]);
  expect(importing(/from '[^']*otlp-tracing/)).toEqual([]);
  expect(importing(/import\('[^']*otlp-tracing/)).toEqual([pathOf('platform', 'tracing.ts')]);
});
