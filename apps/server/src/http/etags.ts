/** Entity tags and conditional requests (RFC 9110, sections 8.8 and 13). */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

type AskingRequest = Pick<FastifyRequest, 'headers'>;

/** Entity tag of a JSON representation: 128 bits of its SHA-256. */
export function representationEtag(resource: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(resource)).digest('base64url');
  return `"${digest.slice(0, 22)}"`;
}

/** Sets the entity tag; true when the client has this state already, so that the answer is 304. */
export function isNotModified(
  request: AskingRequest,
  reply: Pick<FastifyReply, 'header'>,
  etag: string,
): boolean {
  void reply.header('etag', etag);
  const header = request.headers['if-none-match'];
  return header !== undefined && isListedTag(header, etag);
}

/** Whether a value of `If-None-Match` names the state. */
export function isListedTag(header: string, etag: string): boolean {
  return isListed(header, etag, 'weak');
}

/** Throws a {@link Problem} 412 `preconditionFailed` when the state is not the one that `If-Match` names. */
export function requireMatch(request: AskingRequest, etag: string): void {
  const header = request.headers['if-match'];
  if (header === undefined || isMatch(header, etag)) return;
  throw changedMeanwhile(etag);
}

/** Whether a value of `If-Match` names the state. */
export function isMatch(header: string, etag: string): boolean {
  return isListed(header, etag, 'strong');
}

/** @param etag of the current state */
export function changedMeanwhile(etag: string): Problem {
  const detail = 'It was changed meanwhile, and nothing was done: read it again first.';
  return new Problem(412, 'preconditionFailed', 'Changed meanwhile', detail, { etag });
}

function isListed(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true;
  for (const [, weak, opaque] of header.matchAll(/(W\/)?("[^"]*")/g)) {
    if (opaque === etag && (comparison === 'weak' || weak === undefined)) return true;
  }
  return false;
}
