/** Auth sessions, API tokens and signing keys, in memory. */
import { randomBytes } from 'node:crypto';
import { compareText } from '../../platform/core/text-order.ts';
import type {
  ApiTokenRecord,
  ApiTokenRepository,
  AuthSessionRepository,
} from '../ports/account-store.ts';
import { FIRST_KEY_ID, type SigningKeyRepository } from '../ports/signing-key-store.ts';
import { DuplicateRecordError } from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import type { MemoryState } from './memory-state.ts';
import { keyOf } from './tables.ts';

const KEY_BYTES = 32;

export function authSessions(state: MemoryState, { read, write }: Boundary): AuthSessionRepository {
  const table = state.sessions;
  return {
    create: write('authSessions.create', (session) => table.add(session.id, session)),
    get: read((id) => table.get(id) ?? null),
    rotate: write(
      'authSessions.rotate',
      (id, { fromHash, toHash, attemptHash, at, expiresAt, userAgent, address }) => {
        const session = table.get(id);
        if (session?.tokenHash !== fromHash) return false;
        table.set(id, {
          ...session,
          ...{ tokenHash: toHash, formerTokenHash: fromHash, attemptHash },
          ...{ rotatedAt: at, lastUsedAt: at, expiresAt, userAgent, address },
        });
        return true;
      },
    ),
    proven: write('authSessions.proven', (id, at) => {
      const session = table.get(id);
      if (session !== undefined) table.set(id, { ...session, provenAt: at });
    }),
    listOf: read((userId) =>
      [...table.filter((session) => session.userId === userId)].sort(
        (one, other) => other.lastUsedAt - one.lastUsedAt || compareText(one.id, other.id),
      ),
    ),
    end: write('authSessions.end', (id) => void table.delete(id)),
    endAllOf: write(
      'authSessions.endAllOf',
      (userId, exceptId) =>
        void table.deleteWhere((session, id) => session.userId === userId && id !== exceptId),
    ),
    alive: read((ids) => new Set(ids.filter((id) => mayAct(state, table.get(id)?.userId)))),
    removeExpired: write(
      'authSessions.removeExpired',
      (now) => void table.deleteWhere(({ expiresAt }) => expiresAt <= now),
    ),
  };
}

export function apiTokens(
  state: MemoryState,
  { read, write, writeKeeping }: Boundary,
): ApiTokenRepository {
  const table = state.tokens;
  const add = (token: ApiTokenRecord): void => {
    if (table.find(({ tokenHash }) => tokenHash === token.tokenHash) !== undefined) {
      throw new DuplicateRecordError();
    }
    table.add(token.id, token);
  };
  const remove = (userId: string, id: string): boolean =>
    table.get(id)?.userId === userId && table.delete(id);
  return {
    create: (token, kept) => writeKeeping('apiTokens.create', add, [token], kept),
    ofHash: read((tokenHash) => {
      const token = table.find((each) => each.tokenHash === tokenHash);
      return token !== undefined && mayAct(state, token.userId) ? token : null;
    }),
    listOf: read((userId) =>
      [...table.filter((token) => token.userId === userId)].sort(
        (one, other) => one.createdAt - other.createdAt || compareText(one.id, other.id),
      ),
    ),
    remove: (userId, id, kept) => writeKeeping('apiTokens.remove', remove, [userId, id], kept),
    used: write('apiTokens.used', (id, at) => {
      const token = table.get(id);
      if (token !== undefined) table.set(id, { ...token, lastUsedAt: at });
    }),
    alive: read((ids, now) => {
      const isAlive = (id: string): boolean => {
        const token = table.get(id);
        if (token === undefined || !mayAct(state, token.userId)) return false;
        return token.expiresAt === null || token.expiresAt > now;
      };
      return new Set(ids.filter(isAlive));
    }),
  };
}

/** Whether the user id is of an account that is not disabled. */
function mayAct(state: MemoryState, userId: string | undefined): boolean {
  return userId !== undefined && state.accounts.get(userId)?.disabledAt === null;
}

/** Within a write, because the first call creates the secret. */
export function secret(state: MemoryState, name: string): Uint8Array {
  const known = state.secrets.get(name);
  if (known !== undefined) return known;
  const made = Uint8Array.from(randomBytes(KEY_BYTES));
  state.secrets.set(name, made);
  return made;
}

export function signingKeys(state: MemoryState, { read, write }: Boundary): SigningKeyRepository {
  const table = state.signingKeys;
  const add = (purpose: string, kid: string, value: Uint8Array, createdAt: number): void =>
    table.add(keyOf(purpose, kid), { purpose, kid, value, createdAt, retiredAt: null });
  return {
    list: read(() => {
      const age = (retiredAt: number | null): number => retiredAt ?? Infinity;
      return [...table.values()].sort((one, other) => {
        const [first, second] = [age(one.retiredAt), age(other.retiredAt)];
        return first === second ? 0 : second - first;
      });
    }),
    begin: write('signingKeys.begin', (purposes, at) => {
      for (const purpose of purposes) {
        if (table.find((key) => key.purpose === purpose) !== undefined) continue;
        add(purpose, FIRST_KEY_ID, secret(state, purpose), at);
      }
    }),
    rotate: write('signingKeys.rotate', (keys, at, endsFormer) => {
      for (const { purpose, kid } of keys) {
        if (endsFormer) {
          table.deleteWhere((key) => key.purpose === purpose);
          state.secrets.delete(purpose);
        }
        for (const key of table.filter(
          (each) => each.purpose === purpose && each.retiredAt === null,
        )) {
          table.set(keyOf(purpose, key.kid), { ...key, retiredAt: at });
        }
        add(purpose, kid, Uint8Array.from(randomBytes(KEY_BYTES)), at);
      }
      return endsFormer ? state.sessions.deleteWhere(() => true) : 0;
    }),
    removeRetired: write('signingKeys.removeRetired', (purpose, before) => {
      const isMeant = (key: {
        readonly purpose: string;
        readonly retiredAt: number | null;
      }): boolean => key.purpose === purpose && key.retiredAt !== null && key.retiredAt < before;
      const first = table.get(keyOf(purpose, FIRST_KEY_ID));
      if (first !== undefined && isMeant(first)) state.secrets.delete(purpose);
      table.deleteWhere(isMeant);
    }),
  };
}
