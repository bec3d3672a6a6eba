import { readFileSync } from 'node:fs';
import { randomDocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DomainEvent, DomainEventType } from '../platform/domain-events.ts';
import { MemoryEventFeed } from '../store/memory/memory-event-feed.ts';
import { eventReach, receivedEvent, sentEvent } from './event-reach.ts';
import { SharedEvents } from './shared-events.ts';

const documentId = randomDocumentId();
const accessChanged = { type: 'accessChanged', documentId } as const;

const examples: { readonly [Type in DomainEventType]: Extract<DomainEvent, { type: Type }> } = {
  documentCreated: { type: 'documentCreated', documentId, version: 1, text: 'text' },
  textChanged: { type: 'textChanged', documentId },
  documentRenamed: {
    ...{ type: 'documentRenamed', documentId, title: 'Plan', titleVersion: 3 },
    renameId: null,
  },
  accessChanged,
  documentPurging: { type: 'documentPurging', documentId },
  documentPurged: { type: 'documentPurged', documentId },
  personRenamed: { type: 'personRenamed', userId: 'ann', name: 'Ann' },
  accountChanged: { type: 'accountChanged', userId: 'ann' },
  sessionEnded: { type: 'sessionEnded', authSessionId: 'session' },
  sessionsEnded: { type: 'sessionsEnded', userId: 'ann', exceptSessionId: null },
  apiTokenDeleted: { type: 'apiTokenDeleted', userId: 'ann', tokenId: 'token' },
  eventsMissed: { type: 'eventsMissed' },
};

describe('which domain events travel', () => {
  it('is decided, with a reason, for every type that is declared', () => {
    const source = readFileSync(new URL('../platform/domain-events.ts', import.meta.url), 'utf8');
    const declared = [...source.matchAll(/readonly type: '(\w+)'/g)].map(([, type]) => type);
    expect(declared.length).toBeGreaterThan(10);
    expect(new Set(Object.keys(eventReach))).toEqual(new Set(declared));
    for (const { because } of Object.values(eventReach)) expect(because).toMatch(/^.{20,}\.$/);
  });

  it.each(Object.values(examples))('$type arrives as it was sent, or is not sent', (event) => {
    const sent = sentEvent(event);
    expect(sent === null).toBe(!eventReach[event.type].travels);
    if (sent !== null) expect(receivedEvent(sent)).toEqual(event);
  });

  it('leaves what an edit publishes, and every text, with the node', () => {
    expect(sentEvent(examples.textChanged)).toBeNull();
    expect(sentEvent(examples.documentCreated)).toBeNull();
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '"accessChanged"'],
    ['a type that only a newer version knows', '{"type":"unknown"}'],
    ['the name of a property that every object has', '{"type":"toString"}'],
    ['a type that does not travel', JSON.stringify(examples.eventsMissed)],
    ['an event without a field that it needs', '{"type":"accessChanged"}'],
  ])('does not know %s', (_what, sent) => {
    expect(receivedEvent(sent)).toBeNull();
  });
});

describe('domain events between nodes', () => {
  let feed: MemoryEventFeed;
  let one: SharedEvents;
  let other: SharedEvents;
  /** What the other node heard. */
  let heard: DomainEvent[];
  const failed = vi.fn();

  function node(): SharedEvents {
    const guard = { run: async (_place: unknown, action: () => void | Promise<void>) => action() };
    const log = Object.assign(pino({ level: 'silent' }), { error: failed });
    const events = new SharedEvents({ feed, guard, log });
    events.start();
    return events;
  }
  const typesHeard = (): string[] => heard.map(({ type }) => type);

  beforeEach(async () => {
    failed.mockClear();
    feed = new MemoryEventFeed();
    [one, other] = [node(), node()];
    heard = [];
    for (const type of Object.keys(eventReach) as DomainEventType[]) {
      other.subscribe(type, (event) => void heard.push(event));
    }
    await vi.waitFor(() => expect(typesHeard()).toEqual(['eventsMissed']));
    heard = [];
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all([one.stop(), other.stop()]);
  });

  it('reach subscribers of this node before publish returns, and those of others in the order of publishing', async () => {
    const here: DomainEvent[] = [];
    for (const { type } of Object.values(examples)) {
      one.subscribe(type, (event) => void here.push(event));
    }
    for (const event of Object.values(examples)) void one.publish(event);
    expect(here).toEqual(Object.values(examples));
    const travelling = Object.values(examples).filter(({ type }) => eventReach[type].travels);
    await vi.waitFor(() => expect(heard).toEqual(travelling));
    // Nothing comes back to the node that published it.
    expect(here).toHaveLength(Object.values(examples).length);
  });

  it('of a thousand edits make no entry of the feed', async () => {
    for (let edit = 0; edit < 1_000; edit += 1) void one.publish(examples.textChanged);
    await one.publish(accessChanged);
    await vi.waitFor(() => expect(heard).toEqual([accessChanged]));
    expect(feed.entries).toHaveLength(1);
  });

  it('are published at once while the feed is down, and arrive when it is up again, repetitions once', async () => {
    feed.setDown(true);
    await one.publish(examples.personRenamed);
    await vi.waitFor(() => expect(failed).toHaveBeenCalled());
    for (let times = 0; times < 50; times += 1) await one.publish(accessChanged);
    expect(one.waiting).toBe(1);
    feed.setDown(false);
    await vi.waitFor(() => expect(heard).toEqual([examples.personRenamed, accessChanged]), {
      timeout: 20_000,
    });
  });

  it('that are too many to wait are given up, and others are told that they missed some', async () => {
    feed.setDown(true);
    await one.publish(accessChanged);
    await vi.waitFor(() => expect(failed).toHaveBeenCalled());
    for (let user = 0; user < 10_005; user += 1) {
      void one.publish({ type: 'accountChanged', userId: `user-${user}` });
    }
    expect(one.waiting).toBe(5);
    feed.setDown(false);
    await vi.waitFor(() => expect(heard).toHaveLength(7), { timeout: 20_000 });
    expect(typesHeard().slice(0, 2)).toEqual(['accessChanged', 'eventsMissed']);
    expect(heard.at(-1)).toEqual({ type: 'accountChanged', userId: 'user-10004' });
  });

  it('are told as missed when the feed lost some, or gives one that this version does not know', async () => {
    feed.cut();
    await one.publish(accessChanged);
    await vi.waitFor(() => expect(feed.entries).toHaveLength(1));
    feed.mend();
    await vi.waitFor(() => expect(typesHeard()).toEqual(['eventsMissed']));
    await feed.append({ origin: 'newer', events: ['{"type":"newer"}'], hasGap: false });
    await vi.waitFor(() => expect(typesHeard()).toEqual(['eventsMissed', 'eventsMissed']));
  });

  it('that are published just when the last entry was written wait for no other', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      heard = [];
      const append = vi.spyOn(feed, 'append').mockImplementationOnce(async (entry) => {
        append.mockRestore();
        await feed.append(entry);
        void later();
      });
      const later = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        void one.publish(examples.sessionEnded);
      };
      void one.publish(accessChanged);
      await vi.waitFor(() => expect(heard).toEqual([accessChanged, examples.sessionEnded]));
    }
  });

  it('are delivered past a subscriber that takes long', async () => {
    let finish = (): void => {};
    other.subscribe('accessChanged', () => new Promise<void>((resolve) => (finish = resolve)));
    await one.publish(accessChanged);
    await vi.waitFor(() => expect(feed.entries).toHaveLength(1));
    await one.publish(examples.sessionEnded);
    await vi.waitFor(() => expect(heard).toEqual([accessChanged, examples.sessionEnded]));
    finish();
  });

  it('that still wait are told when the node stops', async () => {
    void one.publish(accessChanged);
    await one.stop();
    await vi.waitFor(() => expect(heard).toEqual([accessChanged]));
  });
});
