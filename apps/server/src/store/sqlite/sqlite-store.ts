/**
 * The embedded default store: SQLite, one file in the data directory and one more for the search index. One
 * worker thread writes, another one reads, a third one searches: nothing but writes waits for a write. A read that is asked after a write resolved sees it; one that was
 * asked before may see it or not, and may see it before its promise resolves.
 */
import type { DocumentId } from '@concord/protocol';
import type { KeptWrite } from '../ports/account-store.ts';
import { needsRoom, type WriteName } from '../ports/room-rule.ts';
import {
  StoreError,
  type Batch,
  type Checkpoint,
  type StorageRoomWatch,
  type Store,
  type StoreEvent,
} from '../ports/store.ts';
import { decodeBatches, encodeBatch } from './batch-codec.ts';
import type {
  Answer,
  Call,
  Given,
  Method,
  TableName,
  Together,
  WriteCall,
  WriteRequest,
} from './messages.ts';
import { ReadingThread } from './reading-thread.ts';
import { Searching } from './searching.ts';
import { startWorker } from './start-worker.ts';
import { storeClosed, WorkerConnection } from './worker-connection.ts';

/**
 * Opens the store in a data directory, which is created when it is missing. It is locked until
 * `close` has resolved or the process has ended. Rejects with {@link StoreOpenError}.
 * @param logBytes how long the write-ahead log is made beforehand; tests that measure nothing make it short
 * @param reserveBytes stay free on the disk: see DiskSpaceOptions in disk-space.ts
 * @param checksAll checks all pages of the files before it resolves; else some seconds long, and the rest later
 */
export async function openSqliteStore(
  dataDirectory: string,
  logBytes?: number,
  reserveBytes: number | null = null,
  checksAll = false,
): Promise<Store> {
  const started = await startWorker({
    role: 'writes',
    dataDirectory,
    logBytes,
    reserveBytes,
    checksAll,
  });
  const writing = new WorkerConnection(started.worker, { isFatal: true, events: started.events });
  const reading = new ReadingThread(() => startWorker({ role: 'reads', dataDirectory }));
  const searching = new ReadingThread(() => startWorker({ role: 'searches', dataDirectory }));
  let closing: Promise<void> | null = null;
  // The one that writes closes last: the last connection empties the write-ahead log into the database.
  const close = (): Promise<void> =>
    (closing ??= Promise.all([reading.close(), searching.close()]).then(() => writing.close()));
  return storeOver({
    historyId: started.historyId,
    room: writing.room,
    read: (request) => reading.read(request),
    search: (request) => searching.read(request),
    write: (request) => (closing === null ? writing.write(request) : Promise.reject(storeClosed())),
    listen: (listener) => {
      writing.listen(listener);
      searching.listen(listener);
    },
    close,
  });
}

/** Whatever carries requests to a database and brings its answers. */
export interface DatabaseConnection {
  readonly historyId: string;
  readonly room: StorageRoomWatch;
  read(request: Call): Promise<unknown>;
  /** Asks the thread that searches and keeps the search index. */
  search(request: Call): Promise<unknown>;
  /** Resolves when the write is durable, as far as the database is. */
  write(request: WriteRequest): Promise<unknown>;
  listen(listener: (event: StoreEvent) => void): void;
  close(): Promise<void>;
}

/** The store port over the tables of a database (sqlite-database.ts). */
export function storeOver(connection: DatabaseConnection): Store {
  /** Methods of the worker's tables, as functions that promise their answer. */
  const read =
    <T extends TableName, M extends Method<T>>(table: T, method: M) =>
    (...given: Given<T, M>): Promise<Answer<T, M>> =>
      connection.read({ table, method, given }) as Promise<Answer<T, M>>;
  /** With the name of the port's write, whose rule says whether it needs room. */
  const write =
    <T extends TableName, M extends Method<T>>(name: WriteName, table: T, method: M) =>
    (...given: Given<T, M>): Promise<Answer<T, M>> =>
      writeKeeping(name, table, method, given);
  /** A write that keeps an answer in the same transaction, when there is one to be kept. */
  const writeKeeping = <T extends TableName, M extends Method<T>>(
    name: WriteName,
    table: T,
    method: M,
    given: Given<T, M>,
    kept: KeptWrite | null = null,
  ): Promise<Answer<T, M>> => {
    const call: WriteCall = { table, method, given, needsRoom: needsRoom(name) };
    return connection.write(kept === null ? call : alsoKeeping(call, kept)) as Promise<
      Answer<T, M>
    >;
  };
  const batches = read('log', 'batches');
  const list = read('library', 'list');
  const searching = new Searching(
    (table, method, ...given) => connection.search({ table, method, given }) as Promise<never>,
  );
  const writeCheckpoint = write('checkpoints.write', 'documents', 'writeCheckpoint');
  return {
    historyId: connection.historyId,
    cluster: null,
    shared: null,
    room: connection.room,
    log: {
      append: async (batch: Batch) => {
        if (batch.operations.length === 0) {
          throw new StoreError('A batch needs at least one operation.', false);
        }
        await connection.write(encodeBatch(batch));
      },
      epoch: read('log', 'epoch'),
      epochs: read('log', 'epochs'),
      headVersion: read('log', 'headVersion'),
      read: (id, afterVersion, limit) => readLog(batches, id, afterVersion, limit),
      positionOf: read('log', 'position'),
      isOnlyBy: read('log', 'isOnlyBy'),
    },
    checkpoints: {
      latest: read('documents', 'checkpoint'),
      atOrBefore: read('documents', 'checkpoint'),
      versions: read('documents', 'checkpointVersions'),
      write: (documentId, checkpoint) => writeCheckpoint(documentId, ownCopy(checkpoint)),
      discardAfter: write('checkpoints.discardAfter', 'documents', 'discardCheckpointsAfter'),
    },
    documents: {
      createWithText: ({ record, anyone, operations, folder }, kept) => {
        const batch = { documentId: record.id, firstVersion: 1, operations };
        const json = operations.length === 0 ? null : encodeBatch(batch);
        const given = [record, anyone, json, folder] as const;
        return writeKeeping(
          'documents.createWithText',
          'documents',
          'createWithText',
          [...given],
          kept,
        );
      },
      get: read('documents', 'get'),
      ids: read('documents', 'ids'),
      rename: write('documents.rename', 'documents', 'rename'),
      setTrashed: (id, at, kept) =>
        writeKeeping('documents.setTrashed', 'documents', 'setTrashed', [id, at], kept),
      remove: async (id, kept) => {
        await writeKeeping('documents.remove', 'documents', 'remove', [id], kept);
        // If this fails, searches skip what is left in the index, and the next sweep removes it (`behind`).
        await searching.forget(id).catch(() => {});
      },
      trashedBefore: read('documents', 'trashedBefore'),
    },
    people: {
      nameOf: read('documents', 'nameOf'),
      namesOf: read('documents', 'namesOf'),
      setName: write('people.setName', 'documents', 'setName'),
    },
    access: {
      get: read('access', 'get'),
      getFor: read('access', 'getFor'),
      revisions: read('access', 'revisions'),
      setAnyone: write('access.setAnyone', 'access', 'setAnyone'),
      grant: write('access.grant', 'access', 'grant'),
      revoke: (id, userId, kept) =>
        writeKeeping('access.revoke', 'access', 'revoke', [id, userId], kept),
      addLink: (link, kept) => writeKeeping('access.addLink', 'access', 'addLink', [link], kept),
      links: read('access', 'links'),
      changeLink: write('access.changeLink', 'access', 'changeLink'),
      removeLink: (id, linkId, kept) =>
        writeKeeping('access.removeLink', 'access', 'removeLink', [id, linkId], kept),
      linkOfToken: read('access', 'linkOfToken'),
      openLink: write('access.openLink', 'access', 'openLink'),
    },
    documentInvitations: {
      invite: write('documentInvitations.invite', 'documentInvitations', 'invite'),
      ofDocument: read('documentInvitations', 'ofDocument'),
      openCountBy: read('documentInvitations', 'openCountBy'),
      withdraw: write('documentInvitations.withdraw', 'documentInvitations', 'withdraw'),
      receivedBy: read('documentInvitations', 'receivedBy'),
      accept: write('documentInvitations.accept', 'documentInvitations', 'accept'),
      decline: write('documentInvitations.decline', 'documentInvitations', 'decline'),
      removeExpired: write(
        'documentInvitations.removeExpired',
        'documentInvitations',
        'removeExpired',
      ),
    },
    library: {
      list: (query, signal) =>
        query.search === null
          ? list(query)
          : searching.list({ ...query, search: query.search }, signal),
      entry: read('library', 'entry'),
      folders: read('library', 'folders'),
      recordVisit: write('library.recordVisit', 'library', 'recordVisit'),
      setStarred: write('library.setStarred', 'library', 'setStarred'),
      setFolder: write('library.setFolder', 'library', 'setFolder'),
    },
    search: searching,
    accounts: {
      create: write('accounts.create', 'accounts', 'create'),
      get: read('accounts', 'get'),
      ofLogin: read('accounts', 'ofLogin'),
      ofSubject: read('accounts', 'ofSubject'),
      isTaken: read('accounts', 'isTaken'),
      change: write('accounts.change', 'accounts', 'change'),
      remove: write('accounts.remove', 'accounts', 'remove'),
      list: read('accounts', 'list'),
      adminCount: read('accounts', 'adminCount'),
    },
    authSessions: {
      create: write('authSessions.create', 'sessions', 'createSession'),
      get: read('sessions', 'session'),
      rotate: write('authSessions.rotate', 'sessions', 'rotateSession'),
      proven: write('authSessions.proven', 'sessions', 'sessionProven'),
      listOf: read('sessions', 'sessionsOf'),
      end: write('authSessions.end', 'sessions', 'endSession'),
      endAllOf: write('authSessions.endAllOf', 'sessions', 'endSessionsOf'),
      alive: read('sessions', 'aliveSessions'),
      removeExpired: write('authSessions.removeExpired', 'sessions', 'removeExpiredSessions'),
    },
    apiTokens: {
      create: (token, kept) =>
        writeKeeping('apiTokens.create', 'sessions', 'createToken', [token], kept),
      ofHash: read('sessions', 'tokenOfHash'),
      listOf: read('sessions', 'tokensOf'),
      remove: (userId, id, kept) =>
        writeKeeping('apiTokens.remove', 'sessions', 'removeToken', [userId, id], kept),
      used: write('apiTokens.used', 'sessions', 'tokenUsed'),
      alive: read('sessions', 'aliveTokens'),
    },
    invitations: {
      create: (invitation, kept) =>
        writeKeeping('invitations.create', 'accounts', 'createInvitation', [invitation], kept),
      list: read('accounts', 'invitations'),
      ofHash: read('accounts', 'invitationOfHash'),
      remove: (id, kept) =>
        writeKeeping('invitations.remove', 'accounts', 'removeInvitation', [id], kept),
      removeUnusedOfFirstStart: write(
        'invitations.removeUnusedOfFirstStart',
        'accounts',
        'removeUnusedOfFirstStart',
      ),
    },
    keptAnswers: {
      get: read('sessions', 'answer'),
      begin: write('keptAnswers.begin', 'sessions', 'beginRequest'),
      put: write('keptAnswers.put', 'sessions', 'keepAnswer'),
      removeBefore: write('keptAnswers.removeBefore', 'sessions', 'removeAnswersBefore'),
    },
    usage: {
      of: read('usage', 'of'),
      days: read('usage', 'days'),
      keepDays: write('usage.keepDays', 'usage', 'keepDays'),
      charge: write('usage.charge', 'usage', 'charge'),
    },
    signingKeys: {
      list: read('signingKeys', 'list'),
      begin: write('signingKeys.begin', 'signingKeys', 'begin'),
      rotate: write('signingKeys.rotate', 'signingKeys', 'rotate'),
      removeRetired: write('signingKeys.removeRetired', 'signingKeys', 'removeRetired'),
    },
    retention: {
      time: read('retention', 'time'),
      setTime: write('retention.setTime', 'retention', 'setTime'),
      newestRecordAt: read('retention', 'newestRecordAt'),
    },
    secret: write('secret', 'sessions', 'secret'),
    listen: (listener) => connection.listen(listener),
    close: () => connection.close(),
  };
}

function alsoKeeping(call: WriteCall, { key, answer }: KeptWrite): Together {
  const keep = { table: 'sessions', method: 'keepAnswer', given: [key, answer] } as const;
  return { together: [call, { ...keep, needsRoom: needsRoom('keptAnswers.put') }] };
}

async function readLog(
  batches: (...given: Given<'log', 'batches'>) => Promise<string>,
  documentId: DocumentId,
  afterVersion: number,
  limit: number,
) {
  const last = Math.min(afterVersion + limit, Number.MAX_SAFE_INTEGER);
  const lines = await batches(documentId, afterVersion, last);
  const read = decodeBatches(documentId, afterVersion + 1, lines);
  const from = read[0]?.firstVersion ?? 1;
  const operations = read.flatMap((batch) => batch.operations);
  return operations.slice(afterVersion + 1 - from, last + 1 - from);
}

/**
 * Compressed bytes are often a view into a larger buffer, which posting would copy whole; and they stay the
 * caller's, who may be serving them at this moment.
 */
function ownCopy(checkpoint: Checkpoint): Checkpoint {
  return { ...checkpoint, compressedText: new Uint8Array(checkpoint.compressedText) };
}
