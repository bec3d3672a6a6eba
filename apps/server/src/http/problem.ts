/** Errors of the HTTP side as problem+json (RFC 9457): what happened, what is safe, what to do. */
import type { FastifyReply } from 'fastify';

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** Lower-case names, such as `retry-after` and `www-authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param code stable, for programs; `title` and `detail` are for people */
  constructor(
    status: number,
    code: string,
    title: string,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.title = title;
    this.headers = headers;
  }
}

/** The same answer for an absent document and one that may not be read (docs/security.md#ids-and-links). */
export const notFound = (): Problem =>
  new Problem(
    404,
    'notFound',
    'Not found',
    'There is no such document, or it is not shared with you.',
  );

/** The body of the answer: JSON. */
export function problemBody({ status, code, title, message }: Problem): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail: message, code });
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .headers({ ...problem.headers, 'cache-control': 'no-store' })
    .send(problemBody(problem));
}
