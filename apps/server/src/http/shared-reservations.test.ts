import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryHolds } from '../store/memory/memory-holds.ts';
import { StoreError } from '../store/ports/store.ts';
import { SharedReservations } from './shared-reservations.ts';

let holds: MemoryHolds;
let one: SharedReservations;
let other: SharedReservations;
const onError = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onError.mockClear();
  holds = new MemoryHolds();
  [one, other] = [new SharedReservations(holds, onError), new SharedReservations(holds, onError)];
});
afterEach(() => void vi.useRealTimers());

it('a key that was sent to several nodes is reserved by one request, whose value the others are told', async () => {
  const reserved = await Promise.all([
    one.reserve('key', 'first'),
    other.reserve('key', 'second'),
    one.reserve('key', 'third'),
  ]);
  expect(reserved).toEqual([null, 'first', 'first']);
  expect(await other.reserve('another key', 'second')).toBeNull();
});

it('a released key is free on every node', async () => {
  await one.reserve('key', 'first');
  await one.release('key');
  expect(await other.reserve('key', 'second')).toBeNull();
  expect(await one.reserve('key', 'third')).toBe('second');
  await other.release('key');
  expect(await one.reserve('key', 'third')).toBeNull();
});

it('a request that takes long keeps its key, and one whose node died does not', async () => {
  await one.reserve('long', 'first');
  await holds.take('request dead', { holder: 'dead', value: 'first', forMs: 30_000 });
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(await other.reserve('long', 'second')).toBe('first');
  expect(await other.reserve('dead', 'second')).toBeNull();
  await one.release('long');
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(await other.reserve('long', 'second')).toBeNull();
});

it('a key that cannot be reserved now runs nothing, and is free for the next try', async () => {
  vi.spyOn(holds, 'take').mockRejectedValueOnce(new StoreError('not now', false));
  await expect(one.reserve('key', 'first')).rejects.toThrow('not now');
  expect(await one.reserve('key', 'first')).toBeNull();
});
