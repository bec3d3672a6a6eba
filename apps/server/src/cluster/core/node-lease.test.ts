import { beforeEach, describe, expect, it } from 'vitest';
import { NodeLease, type LeaseEffect, type LeaseInput } from './node-lease.ts';

const times = { leaseMs: 3_000, marginMs: 600, renewEveryMs: 700 };
/** From when a renewal is sent. */
const VALID_MS = 2_400;

let lease: NodeLease;
let now: number;
const step = (input: LeaseInput): readonly LeaseEffect[] => lease.step(input, now);
const after = (ms: number): void => void (now += ms);
const typesOf = (effects: readonly LeaseEffect[]): string[] => effects.map(({ type }) => type);
const renewalIn = (effects: readonly LeaseEffect[]) =>
  effects.find((effect) => effect.type === 'renew');
const answer = (number: number, leaseId = 'a#1') => step({ type: 'renewed', leaseId, number });

beforeEach(() => {
  lease = new NodeLease(times);
  now = 50_000;
});

/** Started at 50,000, held from 50,100 on. */
function hold(): void {
  step({ type: 'start', leaseId: 'a#1' });
  after(100);
  answer(1);
}

describe('the lease of a node', () => {
  it('is held once a majority has the first renewal, and not before', () => {
    const started = step({ type: 'start', leaseId: 'a#1' });
    expect(started).toEqual([
      { type: 'renew', leaseId: 'a#1', number: 1, isDraining: false, mayInsert: true },
      { type: 'startTimer', ms: 700 },
    ]);
    expect(lease.mayAnswer(now)).toBe(false);
    expect(lease.leaseId).toBeNull();
    after(100);
    expect(answer(1)).toEqual([{ type: 'held', leaseId: 'a#1' }]);
    expect(lease.mayAnswer(now)).toBe(true);
    expect(lease.leaseId).toBe('a#1');
  });

  it('is valid from when a renewal was sent, not from when it was answered', () => {
    hold();
    now = 50_000 + VALID_MS - 1;
    expect(lease.mayAnswer(now)).toBe(true);
    after(1);
    expect(lease.mayAnswer(now)).toBe(false);
  });

  it('is prolonged by each renewal that is answered, in whatever order', () => {
    hold();
    now = 50_700;
    expect(renewalIn(step({ type: 'timer' }))).toMatchObject({ number: 2, mayInsert: false });
    now = 51_400;
    step({ type: 'timer' });
    now = 51_500;
    expect(answer(3)).toEqual([]);
    expect(answer(2)).toEqual([]);
    expect(lease.mayAnswer(51_400 + VALID_MS - 1)).toBe(true);
    expect(lease.mayAnswer(51_400 + VALID_MS)).toBe(false);
  });

  it('is lost when no renewal was answered in time, and the next step says so before anything else', () => {
    hold();
    step({ type: 'timer' });
    now = 50_000 + VALID_MS;
    expect(typesOf(step({ type: 'look' }))).toEqual(['lost', 'end']);
    expect(lease.leaseId).toBeNull();
    expect(step({ type: 'look' })).toEqual([]);
    expect(step({ type: 'timer' })).toEqual([]);
  });

  it('is not revived by an answer that comes after its own end', () => {
    hold();
    now = 50_700;
    step({ type: 'timer' });
    now = 50_000 + VALID_MS;
    // Sent at 50,700, this renewal alone would have been valid still.
    expect(typesOf(answer(2))).toEqual(['lost', 'end']);
    expect(lease.mayAnswer(now)).toBe(false);
    expect(answer(2)).toEqual([]);
  });

  it('is lost at once when the row says that another node ended it', () => {
    hold();
    expect(step({ type: 'ended', leaseId: 'b#1' })).toEqual([]);
    expect(typesOf(step({ type: 'ended', leaseId: 'a#1' }))).toEqual(['lost', 'end']);
    expect(lease.mayAnswer(now)).toBe(false);
  });

  it('begins anew under another id, for which answers to the former one do not count', () => {
    hold();
    step({ type: 'ended', leaseId: 'a#1' });
    expect(renewalIn(step({ type: 'start', leaseId: 'a#2' }))).toMatchObject({ number: 1 });
    answer(1, 'a#1');
    expect(lease.leaseId).toBeNull();
    answer(1, 'a#2');
    expect(lease.leaseId).toBe('a#2');
  });

  it('is not held by a first renewal that is answered too late; the next one counts', () => {
    step({ type: 'start', leaseId: 'a#1' });
    now = 50_700;
    expect(renewalIn(step({ type: 'timer' }))).toMatchObject({ number: 2, mayInsert: true });
    now = 50_000 + VALID_MS;
    expect(answer(1)).toEqual([]);
    expect(lease.leaseId).toBeNull();
    expect(typesOf(answer(2))).toEqual(['held']);
    expect(lease.mayAnswer(50_700 + VALID_MS - 1)).toBe(true);
  });

  it('wakes up at its own end when that comes before the next renewal', () => {
    hold();
    now = 52_000;
    expect(step({ type: 'timer' })).toContainEqual({ type: 'startTimer', ms: 400 });
  });

  it('tells other nodes at once when its node drains, and ends when the node leaves', () => {
    hold();
    expect(renewalIn(step({ type: 'drain' }))).toMatchObject({ number: 2, isDraining: true });
    expect(step({ type: 'drain' })).toEqual([]);
    expect(lease.mayAnswer(now)).toBe(true);
    expect(step({ type: 'leave' })).toEqual([{ type: 'end', leaseId: 'a#1' }]);
    expect(lease.mayAnswer(now)).toBe(false);
    expect(step({ type: 'timer' })).toEqual([]);
  });
});
