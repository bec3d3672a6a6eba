/** Generates requests from an OpenAPI document and checks the responses against it. */
import fc from 'fast-check';
import { faultsOf, type Definitions } from './json-schema.ts';
import { bodyOf, promisedBody, type Operation } from './openapi.ts';
import { bodyValueOf, parameterValueOf, type Pool } from './schema-values.ts';

export interface FuzzRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly isWrong: boolean;
}

/** Encodes a path segment; a lone `.` too, which URL normalisation would remove. */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E');

/** Strips characters that a header cannot carry. */
const asHeader = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').trim();

export function requestOf(
  operation: Operation,
  definitions: Definitions,
  pool: Pool,
): fc.Arbitrary<FuzzRequest> {
  const parameters = operation.parameters ?? [];
  const values = fc.tuple(
    ...parameters.map(({ schema, name, required = false }) => {
      const value = parameterValueOf(schema, definitions, pool, name);
      return required ? value : fc.option(value, { nil: null, freq: 1 });
    }),
  );
  const content = bodyOf(operation);
  const body =
    content === null
      ? fc.constant({ value: undefined, isWrong: false })
      : bodyValueOf(content.schema, definitions, pool);
  return fc.tuple(values, body).map(([given, { value, isWrong }]) => {
    let path = operation.path;
    const query: string[] = [];
    const headers: Record<string, string> = {};
    for (const [index, { in: where, name }] of parameters.entries()) {
      const text = given[index] ?? null;
      if (text === null) continue;
      if (where === 'path') path = path.replace(`{${name}}`, () => encoded(text));
      else if (where === 'query') query.push(`${name}=${encoded(text)}`);
      else headers[name] = asHeader(text);
    }
    if (content !== null) headers['content-type'] = content.type;
    const isText = content !== null && content.type !== 'application/json';
    return {
      method: operation.method,
      target: query.length === 0 ? path : `${path}?${query.join('&')}`,
      headers,
      body: content === null ? null : isText ? String(value) : JSON.stringify(value),
      isWrong,
    };
  });
}

export interface FuzzAnswer {
  readonly status: number;
  /** Media type of the body; null for none. */
  readonly type: string | null;
  readonly text: string;
}

/** Differences of a response from the documented ones; empty if there are none. */
export function faultsOfAnswer(
  operation: Operation,
  definitions: Definitions,
  { isWrong }: Pick<FuzzRequest, 'isWrong'>,
  { status, type, text }: FuzzAnswer,
): string[] {
  if (status >= 500) return [`the server could not do it (${status})`];
  const promised = promisedBody(operation, status, type);
  if (promised === undefined) return [`${status} with ${type ?? 'no body'} is not promised`];
  const faults = isWrong && status < 400 ? ['a request that is wrong was not refused'] : [];
  if (promised === 'empty') return text === '' ? faults : [...faults, 'there is a body'];
  const value: unknown = type?.endsWith('json') === true ? JSON.parse(text) : text;
  return [...faults, ...faultsOf(value, promised, definitions)];
}
