/** Problems as answers of the bare HTTP server, where Fastify is not asked. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemBody, type Problem } from './problem.ts';

export function answerProblem(response: ServerResponse, problem: Problem): void {
  const body = problemBody(problem);
  response.writeHead(problem.status, {
    ...problem.headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    // Whatever body it has is not read.
    connection: 'close',
  });
  response.end(body);
}

/** Refuses an upgrade, and closes the connection. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'connection: close',
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
