/** What is thrown away after a while: documents in the trash, kept answers, sessions that expired. */
import { TRASH_DAYS, type DocumentId } from '@concord/protocol';
import type { ApiContext } from './context.ts';
import { KEPT_ANSWER_MS } from './kept-answers.ts';

const HOUR_MS = 60 * 60 * 1_000;
const TRASH_MS = TRASH_DAYS * 24 * HOUR_MS;
const DOCUMENTS_AT_ONCE = 100;

type HousekeepingContext = Pick<ApiContext, 'store' | 'documents' | 'log'>;

/** Begins now, and again every hour. Returns the function that stops it. */
export function startHousekeeping(context: HousekeepingContext): () => void {
  let isStopped = false;
  const run = (): void => void keepHouse(context, Date.now(), () => isStopped);
  run();
  const timer = setInterval(run, HOUR_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}

/** One failing does not keep the others from being done. Never rejects. */
export async function keepHouse(
  context: HousekeepingContext,
  now: number,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const { store, log } = context;
  const works = {
    'emptying the trash': () => emptyTrash(context, now - TRASH_MS, isStopped),
    'forgetting kept answers': () => store.keptAnswers.removeBefore(now - KEPT_ANSWER_MS),
    'forgetting expired sessions': () => store.authSessions.removeExpired(now),
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
  for (;;) {
    const ids = await context.store.documents.trashedBefore(trashedBefore, DOCUMENTS_AT_ONCE);
    for (const id of ids) {
      if (isStopped()) return;
      await removeForEver(context, id);
    }
    if (ids.length < DOCUMENTS_AT_ONCE) return;
  }
}

/** Nothing more is written to it before it goes, and whoever opened it meanwhile is sent away after. */
export async function removeForEver(
  { store, documents }: Pick<ApiContext, 'store' | 'documents'>,
  id: DocumentId,
): Promise<void> {
  await documents.removed(id);
  await store.documents.remove(id);
  await documents.accessChanged(id);
}
