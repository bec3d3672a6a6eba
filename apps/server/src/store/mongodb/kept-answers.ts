/** Kept answers of idempotent requests, in MongoDB. */
import type { KeptAnswer, KeptAnswerRepository, KeptWrite } from '../ports/account-store.ts';
import { StoreError } from '../ports/store.ts';
import { decided, goneAfter, type Collections } from './collections.ts';
import { queues, type Core } from './core.ts';
import { isDuplicateKey } from './errors.ts';
import type { Transaction } from './work.ts';

export function keptAnswers({ rows, work }: Core): KeptAnswerRepository {
  const { requests } = rows;
  return {
    get: (key) =>
      work.read(async () => {
        const row = await requests.findOne({ _id: key }, decided);
        return row === null || row.answer === null ? null : (JSON.parse(row.answer) as KeptAnswer);
      }),
    begin: (key, { requestHash, at }, newerThan) =>
      work.write(queues.row(key), async () => {
        for (let attempt = 1; ; attempt += 1) {
          try {
            // A newer one does not match, so that the insert meets its key.
            await requests.replaceOne(
              { _id: key, at: { $lte: newerThan } },
              { requestHash, at, answer: null, goneAt: goneAfter(at) },
              { upsert: true },
            );
            return { requestHash, at };
          } catch (error) {
            if (!isDuplicateKey(error) || attempt > 3) throw error;
            const known = await requests.findOne({ _id: key }, decided);
            if (known !== null && known.at > newerThan) {
              return { requestHash: known.requestHash, at: known.at };
            }
          }
        }
      }),
    put: (key, answer) => work.write(queues.row(key), () => keepAnswer(rows, { key, answer }, {})),
    removeBefore: (at) =>
      work.write(queues.row('requests'), async () => {
        await requests.deleteMany({ at: { $lt: at } });
      }),
  };
}

async function keepAnswer(
  { requests }: Collections,
  { key, answer }: KeptWrite,
  tx: Transaction,
): Promise<void> {
  const { requestHash, at } = answer;
  if (typeof requestHash !== 'string') {
    throw new StoreError('An answer is kept with the hash of its request.', false);
  }
  await requests.replaceOne(
    { _id: key },
    { requestHash, at, answer: JSON.stringify(answer), goneAt: goneAfter(at) },
    { ...tx, upsert: true },
  );
}

/** A transaction that stores its answer as well, unless it comes to false. */
export function keeping<A>(
  { rows, work }: Core,
  queue: string,
  kept: KeptWrite | null | undefined,
  change: (tx: Transaction) => Promise<A>,
  after?: (outcome: A) => Promise<void>,
): Promise<A> {
  const changeAndKeep = async (tx: Transaction): Promise<A> => {
    const outcome = await change(tx);
    if (kept !== null && kept !== undefined && outcome !== false) await keepAnswer(rows, kept, tx);
    return outcome;
  };
  return work.transaction(queue, changeAndKeep, after);
}
