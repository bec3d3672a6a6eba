/** Which writes wait while saving is paused, and what a write that found no space is told (disk-space.ts). */
import type { Call, Failure, WriteRequest } from './messages.ts';
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

/**
 * Written while saving is paused too: what frees room, takes access away, or lets a person sign in to do so. All of
 * it is small, and there is the reserve for it. Whatever is not named here waits.
 */
const withoutRoom: ReadonlySet<string> = new Set([
  ...['documents.setTrashed', 'documents.remove', 'accounts.remove', 'accounts.change'],
  ...['access.setAnyone', 'access.grant', 'access.revoke', 'access.changeLink'],
  ...['access.removeLink', 'accounts.removeInvitation', 'accounts.removeUnusedOfFirstStart'],
  ...['sessions.createSession', 'sessions.rotateSession', 'sessions.endSession'],
  ...['sessions.endSessionsOf', 'sessions.removeExpiredSessions', 'sessions.removeToken'],
  ...['sessions.removeAnswersBefore', 'sessions.secret', 'retention.setTime'],
  ...['signingKeys.begin', 'signingKeys.rotate', 'signingKeys.removeRetired'],
]);

export function needsRoom(request: WriteRequest): boolean {
  return typeof request === 'string' || !callsOf(request).every(isWithoutRoom);
}

const isWithoutRoom = ({ table, method }: Call): boolean => withoutRoom.has(`${table}.${method}`);

const callsOf = (request: Exclude<WriteRequest, string>): readonly Call[] =>
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
