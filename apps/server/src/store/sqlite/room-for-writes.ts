/** Which writes wait while saving is paused, and what a write that found no space is told (disk-space.ts). */
import type { Failure, WriteCall, WriteRequest } from './messages.ts';
import { integerIn, prepare, type Connection } from './rows.ts';

export const FULL: Failure = {
  kind: 'full',
  message: 'The disk of the server is full: nothing more can be stored now.',
};

/** For a database that is not on a disk, or only read. */
export const unlimitedSpace = {
  reserveBytes: 0,
  size: () => ({ total: 0, free: 0 }),
  now: () => 0,
};

/** A batch always needs room (`log.append` of ports/room-rule.ts). */
export function needsRoom(request: WriteRequest): boolean {
  return typeof request === 'string' || callsOf(request).some((call) => call.needsRoom);
}

const callsOf = (request: Exclude<WriteRequest, string>): readonly WriteCall[] =>
  'together' in request ? request.together : [request];

/** About how much a request brings; only texts count. */
export function sizeOf(request: WriteRequest): number {
  if (typeof request === 'string') return request.length;
  let size = 0;
  for (const { given } of callsOf(request)) {
    for (const each of given) if (typeof each === 'string') size += each.length;
  }
  return size;
}

/** Bytes inside the file that can be used again. */
export function reusableBytes(connection: Connection): number {
  const numberOf = (name: string): number =>
    integerIn(prepare(connection, `PRAGMA ${name}`).get([]) ?? {}, name);
  return numberOf('freelist_count') * numberOf('page_size');
}

/** SQLite found no space before the commit was written, and undid the transaction: nothing is unknown. */
export const isFull = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === 'SQLITE_FULL';
