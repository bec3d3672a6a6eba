/**
 * Worker thread with a database connection, so that neither fsync nor a long read blocks the event loop. There are
 * three: one writes, one reads, one searches, so that reads, commits and searches do not wait for each other.
 *
 *   opening ──▶ serving ──close──▶ ended
 *      │           └─a write fails─▶ broken: every write is refused; what was committed is still read
 *      └─▶ refused
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { StoreEvent } from '../ports/store.ts';
import type { FromWorker, Outcome, ToWorker, WorkerData, WriteRequest } from './messages.ts';
import { diskSizeOf, type DiskSize } from './disk-space.ts';
import { openDatabase, openReadingDatabase } from './open-database.ts';
import { SearchDatabase } from './search-database.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { StoreOpenError } from './store-open-error.ts';

/** Interval of checks of the files while no writes come: of their existence, and of the next range of checksums. */
const UPKEEP_MS = 250;

/** The handlers of requests; `writing` is set where this thread writes. */
interface Served {
  readonly database: Pick<SqliteDatabase, 'historyId' | 'events' | 'read' | 'close'>;
  readonly writing: SqliteDatabase | null;
}

const port = parentPort;
if (port === null) throw new Error('database-worker runs as a worker thread only.');
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const { role, dataDirectory, logBytes, reserveBytes = null, checksAll } = workerData as WorkerData;

function open(): Served | null {
  try {
    const changed = (event: StoreEvent): void => post({ kind: 'event', event });
    if (role === 'searches') {
      return { database: new SearchDatabase(dataDirectory, changed), writing: null };
    }
    if (role === 'reads') {
      const opened = openReadingDatabase(dataDirectory);
      return { database: new SqliteDatabase(opened, { isOnlyWriter: false }), writing: null };
    }
    const size = (): DiskSize => diskSizeOf(dataDirectory);
    const space = { reserveBytes, size, now: () => performance.now() };
    const opened = openDatabase(dataDirectory, logBytes, reserveBytes, checksAll);
    const writing = new SqliteDatabase(opened, { isOnlyWriter: true, changed, space });
    return { database: writing, writing };
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    post({ kind: 'refused', code: error.code, message: error.message });
    return null;
  }
}

/** Interval of disk space checks while no writes come, so that saving resumes without a write. */
const ROOM_MS = 2_000;

function serve({ database, writing }: Served): void {
  let broken: string | null = null;
  let isPaused = false;
  const tellRoom = (isDue: boolean): void => {
    const room = writing?.room();
    if (room === undefined) return;
    if (!isDue && room.isPaused === isPaused) return;
    isPaused = room.isPaused;
    post({ kind: 'room', room });
  };
  const watch = writing !== null ? setInterval(() => tellRoom(true), ROOM_MS) : undefined;
  const write = (requests: readonly WriteRequest[]): FromWorker => {
    if (broken !== null) return { kind: 'broken', message: broken };
    try {
      if (writing === null) throw new Error('this thread does not write');
      const outcomes = writing.write(requests);
      broken = writing.whyStopped();
      return broken === null ? { kind: 'written', outcomes } : { kind: 'broken', message: broken };
    } catch (error) {
      // Never retried: after a failed fsync the kernel may have dropped the pages, and a second one would succeed.
      const reason = error instanceof Error ? error.message : String(error);
      broken = `The database could not be written (${reason}). Check the disk, then start the server again.`;
      return { kind: 'broken', message: broken };
    }
  };
  const upkeep = setInterval(() => {
    if (broken !== null || writing === null) return;
    broken = writing.upkeep();
    if (broken !== null) post({ kind: 'broken', message: broken });
  }, UPKEEP_MS);
  upkeep.unref();
  port?.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'read': {
        const answers = database.read(message.requests);
        return post({ kind: 'answered', answers }, buffersOf(answers));
      }
      case 'write': {
        const written = write(message.requests);
        // Before the answer, so that a client told of a full disk finds saving paused.
        tellRoom(false);
        post(written);
        // After the answer was posted, so that it adds no latency.
        if (broken === null) writing?.committed();
        return;
      }
      case 'close':
        clearInterval(watch);
        // A broken database is not closed: closing would checkpoint pages whose state is unknown.
        clearInterval(upkeep);
        if (broken === null) database.close();
        post({ kind: 'closed' });
        return port.close();
    }
  });
  post({ kind: 'opened', historyId: database.historyId, events: database.events });
  tellRoom(true);
}

/** The buffers of checkpoints, which are transferred to the main thread without a copy. */
function buffersOf(answers: readonly Outcome[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const answer of answers) {
    if (!('value' in answer) || typeof answer.value !== 'object' || answer.value === null) continue;
    const { compressedText } = answer.value as { readonly compressedText?: unknown };
    if (!(compressedText instanceof Uint8Array)) continue;
    const { buffer } = compressedText;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === compressedText.byteLength) {
      buffers.push(buffer);
    }
  }
  return buffers;
}

const served = open();
if (served !== null) serve(served);
