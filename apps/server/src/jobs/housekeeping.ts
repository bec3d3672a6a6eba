/** Housekeeping: deletes expired data (trashed documents, kept answers, sessions, retired keys). */
import { TRASH_DAYS } from '@concord/protocol';
import {
  firstRetentionTime,
  observe,
  retentionNow,
  type RetentionTime,
} from '../store/retention-time.ts';
import type { AccountServices } from '../accounts/account-services.ts';
import type { DocumentService } from '../documents/document-service.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/ports/store.ts';
import { KEPT_ANSWER_MS } from '../http/kept-answers.ts';

const HOUR_MS = 60 * 60 * 1_000;
const TRASH_MS = TRASH_DAYS * 24 * HOUR_MS;
const DOCUMENTS_PER_QUERY = 100;
/** Bound per run, so that a fault of clock or store can be noticed for hours before much is deleted. */
export const DOCUMENTS_PER_RUN = 500;
/** The clock is observed more often than data is deleted, so that servers with short uptimes keep pace too. */
const OBSERVE_MS = 10 * 60 * 1_000;
const OBSERVATIONS_PER_RUN = HOUR_MS / OBSERVE_MS;

interface HousekeepingContext {
  readonly store: Store;
  readonly documentService: Pick<DocumentService, 'purge'>;
  readonly log: Log;
  readonly services: AccountServices;
  /** Whether this server does it now, when there are several; alone it always does. */
  readonly isMyTurn?: () => Promise<boolean>;
}

/** The system clock, which can be wrong, and a monotonic clock. */
export interface Clocks {
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds since any moment. */
  readonly monotonic: () => number;
}
const systemClocks: Clocks = { wall: Date.now, monotonic: () => performance.now() };

/** Runs now and every hour. Returns the function that stops it. */
export function startHousekeeping(
  context: HousekeepingContext,
  clocks: Clocks = systemClocks,
): () => void {
  let isStopped = false;
  let observations = 0;
  const time = new StoredRetentionTime(context.store, clocks);
  const run = async (): Promise<void> => {
    const isWorkDue = observations++ % OBSERVATIONS_PER_RUN === 0;
    try {
      if (!((await context.isMyTurn?.()) ?? true)) return time.pause();
      const now = await time.observe();
      if (isWorkDue) await runHousekeeping(context, now, () => isStopped);
    } catch (error) {
      // Without the retention time nothing is deleted; the next observation is in ten minutes.
      context.log.error({ err: error }, 'observing the time for deleting by age failed');
    }
  };
  void run();
  const timer = setInterval(() => void run(), OBSERVE_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

/** The retention time of a store, observed and kept there (store/retention-time.ts). */
export class StoredRetentionTime {
  readonly #store: Pick<HousekeepingContext['store'], 'retention'>;
  readonly #clocks: Clocks;
  #observedAt: number | null = null;

  constructor(store: Pick<HousekeepingContext['store'], 'retention'>, clocks: Clocks) {
    this.#store = store;
    this.#clocks = clocks;
  }

  /** Another server observes: what passes meanwhile is not credited by this one as well. */
  pause(): void {
    this.#observedAt = null;
  }

  /** Observes the clocks and resolves to what counts as now for deleting by age. Rejects with StoreError. */
  async observe(): Promise<number> {
    const { retention } = this.#store;
    const former = await retention.time();
    const [wall, monotonic] = [this.#clocks.wall(), this.#clocks.monotonic()];
    const elapsedMs = this.#observedAt === null ? 0 : monotonic - this.#observedAt;
    const time: RetentionTime =
      former === null
        ? firstRetentionTime(wall, await retention.newestRecordAt())
        : observe(former, wall, elapsedMs);
    await retention.setTime(time);
    this.#observedAt = monotonic;
    return retentionNow(time);
  }
}

/**
 * The failure of one task does not prevent the others. Never rejects.
 * @param now the retention time, by which ages are measured; never the system clock alone
 */
export async function runHousekeeping(
  context: HousekeepingContext,
  now: number,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const { store, log, services } = context;
  const works = {
    'emptying the trash': () => emptyTrash(context, now - TRASH_MS, isStopped),
    'forgetting kept answers': () => store.keptAnswers.removeBefore(now - KEPT_ANSWER_MS),
    'forgetting expired invitations': () => store.documentInvitations.removeExpired(now),
    'forgetting expired sessions': () => store.authSessions.removeExpired(now),
    'forgetting retired signing keys': () => services.signingKeys.forgetRetired(now),
  };
  for (const [name, work] of Object.entries(works)) {
    if (isStopped()) return;
    await work().catch((error: unknown) => log.error({ err: error }, `${name} failed`));
  }
}

async function emptyTrash(
  context: HousekeepingContext,
  trashedBefore: number,
  isStopped: () => boolean,
): Promise<void> {
  let deleted = 0;
  while (deleted < DOCUMENTS_PER_RUN) {
    const limit = Math.min(DOCUMENTS_PER_QUERY, DOCUMENTS_PER_RUN - deleted);
    const ids = await context.store.documents.trashedBefore(trashedBefore, limit);
    for (const id of ids) {
      if (isStopped()) return;
      await context.documentService.purge(id);
      deleted += 1;
    }
    if (ids.length < limit) break;
  }
  if (deleted > 0) context.log.info({ deleted }, 'documents deleted from the trash for their age');
}
