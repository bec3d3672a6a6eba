/** Whose connections end by an event. */
import { randomDocumentId } from '@concord/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Principal } from '../access/principal.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import { testEvents } from '../platform/test-events.ts';
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

beforeEach(async () => {
  events = testEvents();
  ended = [];
  const left = vi.fn();
  // What a visitor who is connected already needs of it.
  const gateway = {
    events,
    documents: { running: () => ({ dispatch: left }) },
    authenticator: {
      principalOf: async ({ token }: { token: string }) => principals[Number(token)],
    },
    isConnected: () => true,
    refuse: (session: number) => void ended.push(session),
  } as unknown as Gateway;
  const visitors = new Visitors(gateway);
  for (const session of [1, 2, 3, 4]) {
    const credentials = { token: String(session), guestToken: null, cookie: null };
    await visitors.identify(session, documentId, credentials);
  }
});

it('connections of a session that ended end with it, and no others', async () => {
  await events.publish({ type: 'sessionEnded', authSessionId: 'phone' });
  expect(ended).toEqual([2]);
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
