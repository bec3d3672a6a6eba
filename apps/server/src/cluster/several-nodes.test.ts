/** How soon one node learns what another did: at once by events, and within ten seconds when none arrives. */
import {
  defaultLimits,
  PROTOCOL_VERSION,
  randomClientId,
  randomDocumentId,
  type DocumentId,
} from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccountServices, type AccountServices } from '../accounts/account-services.ts';
import { nowhere } from '../accounts/test-accounts.ts';
import { DocumentRegistry } from '../documents/document-registry.ts';
import { DocumentService } from '../documents/document-service.ts';
import { firstText } from '../documents/new-document.ts';
import { Attempts } from '../platform/attempts.ts';
import { readConfig } from '../platform/config.ts';
import { processLimitState } from '../platform/limits/limit-state.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { MemoryEventFeed } from '../store/memory/memory-event-feed.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { accountOf } from '../store/test-records.ts';
import { SharedEvents } from './shared-events.ts';

/** What is promised (docs/security.md, Revocation). */
const PROMISED_MS = 10_000;
/** Of a real clock, for a machine that is busy. */
const GIVEN_UP_MS = 60_000;
const ANN = 'a'.repeat(32);

interface Node {
  readonly events: SharedEvents;
  readonly documents: DocumentRegistry;
  readonly services: AccountServices;
  /** What its sessions were told. */
  readonly said: { readonly type: string; readonly code?: unknown }[];
  readonly stop: () => Promise<void>;
}

let store: Store;
let feed: MemoryEventFeed;
/** Asks, and is asked: each has its own caches, and the store and the feed in common with the other. */
let one: Node;
let other: Node;

async function start(): Promise<Node> {
  const log = pino({ level: 'silent' });
  const guard = { run: async (_place: unknown, action: () => void | Promise<void>) => action() };
  const events = new SharedEvents({ feed, guard, log });
  const metrics = new ServerMetrics();
  const fatal = (error: unknown): void => {
    throw error;
  };
  const options = { store, limits: defaultLimits, metrics, log, fatal, events };
  const documents = new DocumentRegistry(options);
  const said: Node['said'] = [];
  documents.connect({
    send: (_session, { type, body }) => void said.push({ type, code: Reflect.get(Object(body), 'code') }), // prettier-ignore
    broadcast: vi.fn(),
    joined: vi.fn(),
    unjoined: vi.fn(),
    dismissed: vi.fn(),
    diverged: vi.fn(),
  });
  const attempts = new Attempts(processLimitState());
  const services = await createAccountServices(store, readConfig({}), events, log, { attempts });
  const stopWatchingKeys = services.signingKeys.watch(fatal);
  events.start();
  const stop = async (): Promise<void> => {
    stopWatchingKeys();
    await documents.stop();
    await events.stop();
  };
  return { events, documents, services, said, stop };
}

/** Waits for what is under way, while no time passes. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const givenUpAt = performance.now() + GIVEN_UP_MS;
  while (!(await isSo())) {
    if (performance.now() > givenUpAt) throw new Error('What was waited for does not happen.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Waits until the proof is that of an ended sign-in, while no time passes. */
async function untilRefused(ask: () => Promise<unknown>): Promise<void> {
  let refusal: unknown = null;
  const isRefused = (): Promise<boolean> =>
    ask().then(
      () => false,
      (error: unknown) => {
        refusal = error;
        return true;
      },
    );
  await until(isRefused);
  expect(refusal).toMatchObject({ code: 'ended' });
}

const lastSaid = ({ said }: Node): string => {
  const { type = '', code = '' } = said.at(-1) ?? {};
  return `${type} ${String(code)}`;
};
const typesSaid = ({ said }: Node): string[] => said.map(({ type }) => type);

async function joined(node: Node, id: DocumentId): Promise<void> {
  const document = await node.documents.open(id);
  document?.dispatch({
    ...{ type: 'join', session: 1, userId: ANN, name: 'Ann', atMost: null },
    authorizedUntil: Infinity,
    message: {
      ...{ docId: id, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1 },
      protocol: PROTOCOL_VERSION,
    },
  });
  await until(() => typesSaid(node).includes('joined'));
}

beforeEach(async () => {
  // Not setImmediate, for which the store and the owners wait.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  store = openMemoryStore();
  feed = new MemoryEventFeed();
  [one, other] = [await start(), await start()];
  await store.accounts.create(accountOf(ANN), null);
});
afterEach(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await store.close();
  vi.useRealTimers();
});

/** Whether events arrive, and how long to wait for what follows from one. */
const paths = [
  ['by an event at once', () => {}, 0],
  ['within ten seconds when no event arrives', () => feed.cut(), PROMISED_MS],
] as const;

describe.each(paths)('what one node did is known to another %s:', (_how, prepare, waitMs) => {
  let id: DocumentId;
  beforeEach(async () => {
    prepare();
    id = randomDocumentId();
    const document = { id, title: 'Before', text: 'text', anyone: 'off', owner: 'bob' } as const;
    await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
    await store.access.grant(id, ANN, 'editor');
  });

  it('a person who has no access any more is sent away by the owner of the document', async () => {
    await joined(other, id);
    await store.access.revoke(id, ANN);
    await one.events.publish({ type: 'accessChanged', documentId: id });
    await vi.advanceTimersByTimeAsync(waitMs);
    await until(() => lastSaid(other) === 'refused accessRevoked');
  });

  it('a document that was renamed has its title at its owner', async () => {
    const document = await other.documents.open(id);
    await joined(other, id);
    const named = await store.documents.rename(
      id,
      { title: 'After', base: null, renameId: null },
      1,
    );
    if (named === null) throw new Error('there is no such document');
    await one.events.publish({ type: 'documentRenamed', documentId: id, ...named, renameId: null });
    await vi.advanceTimersByTimeAsync(waitMs);
    await until(() => document?.title === 'After');
  });

  it('a document that was purged is in no memory any more', async () => {
    await joined(other, id);
    await documentServiceOf(one).purge(id);
    await vi.advanceTimersByTimeAsync(waitMs);
    await until(() => lastSaid(other).startsWith('refused'));
    await until(() => other.documents.running(id) === undefined);
  });

  it('a sign-in that was ended is refused, and so is every one of an account that was disabled', async () => {
    const ended = await one.services.authSessions.start(ANN, nowhere);
    const kept = await one.services.authSessions.start(ANN, nowhere);
    const ask = ({ signedIn }: typeof ended) =>
      other.services.authenticator.principalOf({
        ...{ token: signedIn.accessToken, guestToken: null, cookie: null },
      });
    await Promise.all([ask(ended), ask(kept)]);
    await one.services.authSessions.end(ended.signedIn.sessionId);
    await vi.advanceTimersByTimeAsync(waitMs);
    await untilRefused(() => ask(ended));
    await expect(ask(kept)).resolves.toMatchObject({ userId: ANN });
    await store.accounts.change(ANN, { disabledAt: 1 });
    await one.events.publish({ type: 'accountChanged', userId: ANN });
    await vi.advanceTimersByTimeAsync(waitMs);
    await untilRefused(() => ask(kept));
  });
});

describe('events that may have been missed', () => {
  it('make the owner read who has access, and each node forget who is signed in, at once', async () => {
    const id = randomDocumentId();
    const document = { id, title: 'Plan', text: 'text', anyone: 'off', owner: 'bob' } as const;
    await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
    await store.access.grant(id, ANN, 'editor');
    await joined(other, id);
    const { signedIn } = await one.services.authSessions.start(ANN, nowhere);
    const credentials = { token: signedIn.accessToken, guestToken: null, cookie: null };
    await other.services.authenticator.principalOf(credentials);
    feed.cut();
    await store.access.revoke(id, ANN);
    await one.events.publish({ type: 'accessChanged', documentId: id });
    await one.services.authSessions.end(signedIn.sessionId);
    await until(() => feed.entries.length > 1);
    expect(typesSaid(other)).not.toContain('refused');
    await expect(other.services.authenticator.principalOf(credentials)).resolves.toBeDefined();
    feed.mend();
    await until(() => lastSaid(other) === 'refused accessRevoked');
    await untilRefused(() => other.services.authenticator.principalOf(credentials));
  });
});

it('a signing key that one node replaced signs on another within ten seconds, and a deleted one verifies no more', async () => {
  const { signedIn } = await other.services.authSessions.start(ANN, nowhere);
  const before = other.services.signingKeys.ring('access-token').current().kid;
  await one.services.signingKeys.rotate({ endsFormer: true });
  const made = one.services.signingKeys.ring('access-token').current().kid;
  expect(made).not.toBe(before);
  await vi.advanceTimersByTimeAsync(PROMISED_MS);
  await until(() => other.services.signingKeys.ring('access-token').current().kid === made);
  const credentials = { token: signedIn.accessToken, guestToken: null, cookie: null };
  let refusal: unknown = null;
  other.services.authenticator
    .principalOf(credentials)
    .catch((error: unknown) => (refusal = error));
  // An unknown key is looked for in the store, after a pause.
  while (refusal === null) await vi.advanceTimersByTimeAsync(100);
  expect(refusal).toMatchObject({ code: 'invalid' });
});

function documentServiceOf({ events, services }: Node): DocumentService {
  return new DocumentService({
    ...{ store, events, limits: defaultLimits, quotas: services.quotas, guestsMayCreate: true },
  });
}
