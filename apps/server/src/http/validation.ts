/** Validates requests, and checks answers, by the zod schemas that clients parse with (docs/security.md#parsing). */
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { notFound, Problem } from './problem.ts';

const codes: Readonly<Record<string, string>> = {
  body: 'invalidBody',
  querystring: 'invalidQuery',
  headers: 'invalidHeader',
};
const wholes: Readonly<Record<string, string>> = {
  body: 'The body',
  querystring: 'The query',
  headers: 'The headers',
};

/** A request without a body is one with nothing in it, where every field may be left out. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'body' }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data === null && schema instanceof z.ZodObject ? {} : data);
    if (parsed.success) return { value: parsed.data };
    return { error: httpPart === 'params' ? notFound() : problemOf(parsed.error, httpPart) };
  };

/** Fastify hands the validator the same `null` for no body and for a body that is `null`. */
export function refuseNullBody({ body }: Pick<FastifyRequest, 'body'>): Promise<void> {
  return body === null
    ? Promise.reject(invalidBody('The body', 'must be an object'))
    : Promise.resolve();
}

/** Names the first field that is not valid. */
function problemOf(error: z.ZodError, httpPart: string): Problem {
  const issue = error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const subject = field === '' ? (wholes[httpPart] ?? 'The request') : field;
  return new Problem(
    400,
    codes[httpPart] ?? 'badRequest',
    'Bad request',
    `${subject}: ${issue?.message ?? 'not valid'}.`,
  );
}

/** A value that is valid by its form, but cannot be used. */
export function invalidBody(field: string, why: string): Problem {
  return new Problem(400, 'invalidBody', 'Bad request', `${field} ${why}.`);
}
