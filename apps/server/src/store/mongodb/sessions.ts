/** Auth sessions and API tokens, in MongoDB. */
import type {
  ApiTokenRecord,
  ApiTokenRepository,
  AuthSessionRecord,
  AuthSessionRepository,
} from '../ports/account-store.ts';
import {
  decided,
  goneAfter,
  type ApiTokenRow,
  type AuthSessionRow,
  type Collections,
} from './collections.ts';
import { queues, type Core } from './core.ts';
import { keeping } from './kept-answers.ts';

export function authSessions({ rows, work }: Core): AuthSessionRepository {
  const table = rows.authSessions;
  return {
    create: (session) =>
      work.write(queues.row(session.id), async () => {
        const { id: _id, ...fields } = session;
        await table.insertOne({ _id, ...fields, goneAt: goneAfter(session.expiresAt) });
      }),
    get: (id) =>
      work.read(async () => {
        const row = await table.findOne({ _id: id }, decided);
        return row === null ? null : sessionIn(row);
      }),
    rotate: (id, { fromHash, toHash, attemptHash, at, expiresAt, userAgent, address }) =>
      work.write(queues.row(id), async () => {
        const { matchedCount } = await table.updateOne(
          { _id: id, tokenHash: fromHash },
          {
            $set: {
              ...{ tokenHash: toHash, formerTokenHash: fromHash, attemptHash },
              ...{ rotatedAt: at, lastUsedAt: at, expiresAt, userAgent, address },
              goneAt: goneAfter(expiresAt),
            },
          },
        );
        return matchedCount === 1;
      }),
    proven: (id, at) =>
      work.write(queues.row(id), async () => {
        await table.updateOne({ _id: id }, { $set: { provenAt: at } });
      }),
    listOf: (userId) =>
      work.read(async () => {
        const own = await table
          .find({ userId }, { ...decided, sort: { lastUsedAt: -1, _id: 1 } })
          .toArray();
        return own.map(sessionIn);
      }),
    end: (id) =>
      work.write(queues.row(id), async () => {
        await table.deleteOne({ _id: id });
      }),
    endAllOf: (userId, exceptId) =>
      work.write(queues.person(userId), async () => {
        const others = exceptId === null ? {} : { _id: { $ne: exceptId } };
        await table.deleteMany({ userId, ...others });
      }),
    alive: (ids) =>
      work.read(async () => {
        const found = await table
          .find({ _id: { $in: [...ids] } }, { ...decided, projection: { userId: 1 } })
          .toArray();
        return ofEnabledAccounts(rows, found);
      }),
    removeExpired: (now) =>
      work.write(queues.row('authSessions'), async () => {
        await table.deleteMany({ expiresAt: { $lte: now } });
      }),
  };
}

function sessionIn({ _id: id, goneAt: _, ...session }: AuthSessionRow): AuthSessionRecord {
  return { id, ...session };
}

export function apiTokens(core: Core): ApiTokenRepository {
  const { rows, work } = core;
  const table = rows.apiTokens;
  return {
    create: (token, kept) =>
      keeping(core, queues.person(token.userId), kept, async (tx) => {
        const { id: _id, ...fields } = token;
        await table.insertOne({ _id, ...fields }, tx);
      }),
    ofHash: (tokenHash) =>
      work.read(async () => {
        const row = await table.findOne({ tokenHash }, decided);
        if (row === null || (await ofEnabledAccounts(rows, [row])).size === 0) return null;
        return tokenIn(row);
      }),
    listOf: (userId) =>
      work.read(async () => {
        const own = await table
          .find({ userId }, { ...decided, sort: { createdAt: 1, _id: 1 } })
          .toArray();
        return own.map(tokenIn);
      }),
    remove: (userId, id, kept) =>
      keeping(core, queues.person(userId), kept, async (tx) => {
        return (await table.deleteOne({ _id: id, userId }, tx)).deletedCount > 0;
      }),
    used: (id, at) =>
      work.write(queues.row(id), async () => {
        await table.updateOne({ _id: id }, { $set: { lastUsedAt: at } });
      }),
    alive: (ids, now) =>
      work.read(async () => {
        const found = await table
          .find(
            { _id: { $in: [...ids] }, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] },
            { ...decided, projection: { userId: 1 } },
          )
          .toArray();
        return ofEnabledAccounts(rows, found);
      }),
  };
}

function tokenIn({ _id: id, ...token }: ApiTokenRow): ApiTokenRecord {
  return { id, ...token };
}

/** The ids of those whose account exists and is not disabled. */
async function ofEnabledAccounts(
  { accounts }: Collections,
  held: readonly { readonly _id: string; readonly userId: string }[],
): Promise<ReadonlySet<string>> {
  if (held.length === 0) return new Set();
  const userIds = [...new Set(held.map(({ userId }) => userId))];
  const enabled = await accounts
    .find({ _id: { $in: userIds }, disabledAt: null }, { ...decided, projection: { _id: 1 } })
    .toArray();
  const ids = new Set(enabled.map(({ _id }) => _id));
  return new Set(held.filter(({ userId }) => ids.has(userId)).map(({ _id }) => _id));
}
