/** Secrets and signing keys, in MongoDB. */
import { randomBytes } from 'node:crypto';
import { FIRST_KEY_ID, type SigningKeyRepository } from '../ports/signing-key-store.ts';
import { StoreError } from '../ports/store.ts';
import { decided, keyOf, type Collections } from './collections.ts';
import { queues, type Core } from './core.ts';
import type { Transaction } from './work.ts';

const KEY_BYTES = 32;

/** Bytes that are the caller's own. */
const copyOf = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

export const secretOf =
  ({ rows, work }: Core) =>
  async (name: string): Promise<Uint8Array> => {
    const known = await work.read(() => rows.secrets.findOne({ _id: name }, decided));
    if (known !== null) return copyOf(known.value);
    return work.transaction(queues.keys, (tx) => secret(rows, name, tx));
  };

/** Two processes that make the same secret at once meet in its key: one of them runs again, and finds the other's. */
async function secret(
  { secrets }: Collections,
  name: string,
  tx: Transaction,
): Promise<Uint8Array> {
  const known = await secrets.findOne({ _id: name }, tx);
  if (known !== null) return copyOf(known.value);
  const value = randomBytes(KEY_BYTES);
  await secrets.insertOne({ _id: name, value }, tx);
  return copyOf(value);
}

export function signingKeys({ rows, work }: Core): SigningKeyRepository {
  const table = rows.signingKeys;
  const add = (
    key: { readonly purpose: string; readonly kid: string; readonly value: Uint8Array },
    createdAt: number,
    tx: Transaction,
  ) => {
    const _id = keyOf(key.purpose, key.kid);
    return table.insertOne({ _id, ...key, createdAt, retiredAt: null }, tx);
  };
  return {
    list: () =>
      work.read(async () => {
        const all = await table.find({}, { ...decided, sort: { createdAt: -1, _id: 1 } }).toArray();
        const age = (retiredAt: number | null): number => retiredAt ?? Infinity;
        return all
          .map(({ _id: _, value, ...key }) => ({ ...key, value: copyOf(value) }))
          .sort((one, other) => {
            const [first, second] = [age(one.retiredAt), age(other.retiredAt)];
            return first === second ? 0 : second - first;
          });
      }),
    begin: (purposes, at) =>
      work.transaction(queues.keys, async (tx) => {
        for (const purpose of purposes) {
          if ((await table.findOne({ purpose }, tx)) !== null) continue;
          const value = await secret(rows, purpose, tx);
          await add({ purpose, kid: FIRST_KEY_ID, value }, at, tx);
        }
      }),
    rotate: (keys, at, endsFormer) =>
      work.transaction(queues.keys, async (tx) => {
        for (const { purpose, kid } of keys) {
          if (endsFormer) {
            await table.deleteMany({ purpose }, tx);
            await rows.secrets.deleteOne({ _id: purpose }, tx);
          }
          await table.updateMany({ purpose, retiredAt: null }, { $set: { retiredAt: at } }, tx);
          await add({ purpose, kid, value: randomBytes(KEY_BYTES) }, at, tx);
        }
        return endsFormer ? (await rows.authSessions.deleteMany({}, tx)).deletedCount : 0;
      }),
    removeRetired: (purpose, before) =>
      work.transaction(queues.keys, async (tx) => {
        const retired = { purpose, retiredAt: { $ne: null, $lt: before } };
        const first = await table.findOne({ ...retired, kid: FIRST_KEY_ID }, tx);
        if (first !== null) await rows.secrets.deleteOne({ _id: purpose }, tx);
        await table.deleteMany(retired, tx);
      }),
  };
}

/** The history id of the database, made by whichever server opens it first. */
export async function historyIdOf({ meta }: Collections, made: string): Promise<string> {
  await meta.updateOne({ _id: 'history' }, { $setOnInsert: { id: made } }, { upsert: true });
  const found = await meta.findOne({ _id: 'history' }, decided);
  const id = found?.id;
  if (id === undefined) throw new StoreError('The database has no history id.', false);
  return id;
}
