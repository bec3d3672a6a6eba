/** Refusal of writes while saving is paused, and detection of a full disk (disk-space.ts). */
import type { Failure, WriteCall, WriteRequest } from './messages.ts';
import { integerIn, prepare, type Connection } from './rows.ts';

export const FULL: Failure = {
  kind: 'full',
  message: 'The disk of the server is full: nothing more can be stored now.',
};

/** For a database in memory, or a read-only one. */
export const unlimitedSpace = {
  reserveBytes: 0,
  size: () => ({ total: 0, free: 0 }),
  now: () => 0,
};

/** A batch always needs space (`log.append` of ports/room-rule.ts). */
export function needsRoom(request: WriteRequest): boolean {
  return typeof request === 'string' || callsOf(request).some((call) => call.needsRoom);
}

const callsOf = (request: Exclude<WriteRequest, string>): readonly WriteCall[] =>
  'together' in request ? request.together : [request];

/** Estimated size of a request; only strings count. */
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

/** SQLite found no space before the commit was written, and rolled back: the state of the disk is known. */
export const isFull = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === 'SQLITE_FULL';
