import { randomDocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { InProcessEvents } from './domain-events.ts';
import { Guard } from './guard.ts';

const faults = vi.fn();
const guard = new Guard({ log: pino({ level: 'silent' }), metrics: { fault: faults } });
const documentId = randomDocumentId();
const changed = { type: 'accessChanged', documentId } as const;

it('subscribers have heard of a domain event when publish returns, in the order in which they subscribed', () => {
  const events = new InProcessEvents(guard);
  const heard: string[] = [];
  events.subscribe('accessChanged', (event) => void heard.push(`first ${event.documentId}`));
  events.subscribe('accessChanged', () => void heard.push('second'));
  events.subscribe('documentPurged', () => void heard.push('of another type'));
  void events.publish(changed);
  expect(heard).toEqual([`first ${documentId}`, 'second']);
});

it('publish of a domain event resolves only when its asynchronous subscribers are done', async () => {
  const events = new InProcessEvents(guard);
  let finish = (): void => {};
  let isDone = false;
  events.subscribe('accessChanged', () => new Promise<void>((resolve) => (finish = resolve)));
  const published = events.publish(changed).then(() => (isDone = true));
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  finish();
  await published;
  expect(isDone).toBe(true);
});

it('a subscriber that throws or rejects keeps no other from a domain event, and is counted as a fault', async () => {
  faults.mockClear();
  const events = new InProcessEvents(guard);
  const heard = vi.fn();
  events.subscribe('accessChanged', () => {
    throw new Error('at once');
  });
  events.subscribe('accessChanged', () => Promise.reject(new Error('later')));
  events.subscribe('accessChanged', heard);
  await events.publish(changed);
  expect(heard).toHaveBeenCalledExactlyOnceWith(changed);
  expect(faults.mock.calls).toEqual([['event'], ['event']]);
});

it('an ended subscription to a domain event is called no more, also when it ends during a delivery', async () => {
  const events = new InProcessEvents(guard);
  const heard = vi.fn();
  const end = events.subscribe('accessChanged', heard);
  const once: () => void = events.subscribe('accessChanged', () => once());
  events.subscribe('accessChanged', heard);
  await events.publish(changed);
  expect(heard).toHaveBeenCalledTimes(2);
  end();
  await events.publish(changed);
  expect(heard).toHaveBeenCalledTimes(3);
});
