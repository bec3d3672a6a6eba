/** Errors of the HTTP side as problem+json (RFC 9457): what happened, what is safe, what to do. */
import type { FastifyReply } from 'fastify';

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;

  /** @param code stable, for programs; `title` and `detail` are for people */
  constructor(status: number, code: string, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.title = title;
  }
}

export const notFound = (): Problem =>
  new Problem(
    404,
    'notFound',
    'Not found',
    'There is no such document, or it is not shared with you.',
  );

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, code, title, message } = problem;
  return reply
    .code(status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail: message, code }));
}
