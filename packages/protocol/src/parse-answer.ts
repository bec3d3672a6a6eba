/**
 * Reads answers of the REST API, as a page does that may be older than the server. Not for what the merge rests on
 * (operations, snapshots): there an unknown field may be a meaning that must not be left out.
 */
import type { z } from 'zod';

export type AnswerSchema<T> = z.ZodType<T>;

/**
 * Parses an answer by a schema that allows no unknown fields, without the fields that it does not know: a server that was
 * updated may send more, and a page of the former build goes on.
 * Throws ZodError if the answer does not fit otherwise.
 */
export function parseAnswer<T>(schema: AnswerSchema<T>, answer: unknown): T {
  const strict = schema.safeParse(answer);
  if (strict.success) return strict.data;
  const known: unknown = structuredClone(answer);
  for (const issue of strict.error.issues) {
    if (issue.code !== 'unrecognized_keys') throw strict.error;
    const holder = issue.path.reduce<unknown>(memberOf, known) as Record<string, unknown>;
    for (const key of issue.keys) delete holder[key];
  }
  return schema.parse(known);
}

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  (value as Record<PropertyKey, unknown>)[key];
