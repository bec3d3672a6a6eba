/** Maps errors of failed requests to problems; errors that are not mapped are faults of the server. */
import { DAMAGED_DETAIL } from '../documents/damaged-documents.ts';
import { NotHereError } from '../documents/not-here-error.ts';
import { CorruptionError, StoreError, StoreFullError } from '../store/ports/store.ts';
import { StoreUnavailableError } from '../store/ports/store-unavailable.ts';
import { DomainError } from '../platform/domain-error.ts';
import { Problem } from './problem.ts';
import { problemOfDomainError } from './problem-of-domain-error.ts';

/** Fastify's own errors, by their code: each in words that say what to do. */
const problemsOfFastify: Readonly<
  Record<string, readonly [code: string, title: string, detail: string]>
> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupportedMediaType',
    'Unsupported media type',
    'A body of this Content-Type is not understood here.',
  ],
  // Also for keys that would reach behind an object (docs/security.md#parsing).
  FST_ERR_CTP_INVALID_JSON_BODY: [
    'invalidBody',
    'Bad request',
    'The body is not JSON, or has a key that is never allowed, such as __proto__.',
  ],
};

/**
 * Null for errors that are the server's: to be logged, and answered by {@link serverProblem}.
 * @param bodyBytesMax what the route takes
 */
export function problemOfError(error: unknown, bodyBytesMax?: number): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof DomainError) return problemOfDomainError(error as DomainError);
  if (error instanceof StoreFullError) {
    const detail =
      'Saving is paused: the disk of the server is almost full. Nothing was changed; it goes on by itself when there is room again. What you delete permanently makes room.';
    return new Problem(507, 'savingPaused', 'Saving paused', detail, { 'retry-after': '30' });
  }
  if (error instanceof StoreUnavailableError) {
    const seconds = Math.ceil(error.retryAfterMs / 1_000);
    return new Problem(503, 'storeUnavailable', 'Unavailable', error.message, { 'retry-after': String(seconds) }); // prettier-ignore
  }
  if (error instanceof StoreError) {
    const detail =
      'The server could not reach what it stores. A change that was asked for may not be stored: look before you try it again.';
    return new Problem(503, 'storeUnavailable', 'Unavailable', detail, { 'retry-after': '10' });
  }
  if (error instanceof NotHereError) {
    const detail =
      'Another server has the document, or gets it now. Nothing was changed; try again in a moment.';
    return new Problem(503, 'documentMoving', 'Moving', detail, { 'retry-after': '1' });
  }
  if (error instanceof CorruptionError) {
    return new Problem(500, 'damaged', 'Damaged', DAMAGED_DETAIL);
  }
  if (!(error instanceof Error)) return null;
  const { statusCode: status = 500, code = '' } = error as { statusCode?: number; code?: string };
  if (status >= 500) return null;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(status, bodyBytesMax);
  const known = problemsOfFastify[code];
  if (known === undefined) return new Problem(status, 'badRequest', 'Bad request', error.message);
  const [ownCode, title, detail] = known;
  return new Problem(status, ownCode, title, detail);
}

function bodyTooLarge(status: number, bytesMax: number | undefined): Problem {
  const most =
    bytesMax === undefined ? 'what is' : `the ${bytesMax.toLocaleString('en')} bytes that are`;
  const detail = `The body is longer than ${most} accepted here. Nothing was changed; send less, or in several parts.`;
  return new Problem(status, 'bodyTooLarge', 'Too long', detail);
}

export function serverProblem(): Problem {
  const detail = 'The server could not do this. Nothing was changed; try again in a moment.';
  return new Problem(500, 'internal', 'Server error', detail);
}
