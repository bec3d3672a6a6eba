/** Whose connections end by an event. */
import { CONNECTIONS_PER_USER, randomDocumentId } from '@concord/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Principal } from '../access/principal.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import { testEvents } from '../platform/test-events.ts';
import { processLimitState, type LimitState } from '../platform/limits/limit-state.ts';
import type { Gateway } from './gateway.ts';
import { Visitors } from './visitors.ts';

const documentId = randomDocumentId();
const expiresAt = Infinity;
const principals: Readonly<Record<number, Principal>> = {
  1: { kind: 'account', userId: 'ann', authSessionId: 'laptop', isAdmin: false, expiresAt },
  2: { kind: 'account', userId: 'ann', authSessionId: 'phone', isAdmin: false, expiresAt },
  3: {
    ...{ kind: 'apiToken', userId: 'ann', tokenId: 'script', scopes: ['documents:write'] },
    ...{ isAdmin: false, expiresAt },
  },
  4: { kind: 'account', userId: 'bob', authSessionId: 'desk', isAdmin: false, expiresAt },
};

let events: InProcessEvents;
let ended: number[];
let limitState: LimitState;
let connected: Set<number>;
let visitors: Visitors;

beforeEach(async () => {
  events = testEvents();
  ended = [];
  limitState = processLimitState();
  connected = new Set([1, 2, 3, 4]);
  const left = vi.fn();
  // What a visitor who is connected already needs of it.
  const gateway = {
    events,
    store: {
      authSessions: { alive: async (ids: readonly string[]) => new Set(ids.filter((id) => id !== 'phone')) }, // prettier-ignore
      apiTokens: { alive: async () => new Set() },
    },
    documents: { running: () => ({ dispatch: left }) },
    authenticator: {
      principalOf: async ({ token }: { token: string }) => principals[Number(token)],
    },
    limitState,
    isConnected: (session: number) => connected.has(session),
    refuse: (session: number) => void ended.push(session),
  } as unknown as Gateway;
  visitors = new Visitors(gateway);
  for (const session of [1, 2, 3, 4]) await identify(session);
});

function identify(session: number, token = session): Promise<void> {
  const credentials = { token: String(token), guestToken: null, cookie: null };
  return visitors.identify(session, documentId, credentials);
}

it('connections of a session that ended end with it, and no others', async () => {
  await events.publish({ type: 'sessionEnded', authSessionId: 'phone' });
  expect(ended).toEqual([2]);
});

it('connections without a living proof end when events of other nodes may have been missed', async () => {
  await events.publish({ type: 'eventsMissed' });
  expect(ended).toEqual([2, 3]);
});

it('connections of a deleted API token end with it', async () => {
  await events.publish({ type: 'apiTokenDeleted', userId: 'ann', tokenId: 'script' });
  expect(ended).toEqual([3]);
});

it('all connections of a person end but those of the session that goes on, and only once', async () => {
  const all = { type: 'sessionsEnded', userId: 'ann', exceptSessionId: 'laptop' } as const;
  await events.publish(all);
  expect(ended).toEqual([2, 3]);
  await events.publish(all);
  expect(ended).toEqual([2, 3]);
});

it('a person has so many connections, those to other servers that share the counts included', async () => {
  const { connections } = limitState;
  // Three are here.
  for (let n = 3; n < CONNECTIONS_PER_USER; n += 1) {
    expect(await connections.take('person ann', CONNECTIONS_PER_USER)).toBe(true);
  }
  connected.add(5);
  await identify(5, 1);
  expect(ended).toEqual([5]);
  expect(visitors.of(5)).toBeUndefined();
  visitors.forget(1);
  connected.add(6);
  await identify(6, 1);
  expect(visitors.of(6)?.userId).toBe('ann');
});

it('a connection that goes away while it is being counted is not counted for longer', async () => {
  const { connections } = limitState;
  vi.spyOn(connections, 'take').mockImplementationOnce(async (key, max) => {
    connected.delete(5);
    return connections.take(key, max);
  });
  connected.add(5);
  await identify(5, 1);
  expect(visitors.of(5)).toBeUndefined();
  expect(await connections.isFull('person ann', 4)).toBe(false);
});
