import { expect, it } from 'vitest';
import { TransportChoice } from './transport-choice.ts';

function memory(): { get(key: string): string | null; set(key: string, value: string): void } {
  const kept = new Map<string, string>();
  return { get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) };
}

it('WebSocket comes first, and polling once a WebSocket was silent', () => {
  const choice = new TransportChoice();
  expect(choice.order).toEqual(['websocket', 'polling']);
  expect(choice.wasSilent()).toBe(true);
  expect(choice.order).toEqual(['polling', 'websocket']);
  // An unreachable server is silent over both transports: there is no other one to try.
  expect(choice.wasSilent()).toBe(false);
});

it('polling first is remembered for a day, once it worked', () => {
  const kept = memory();
  const at = (now: number): TransportChoice => new TransportChoice(kept, () => now);
  const first = at(1_000_000);
  first.worked();
  expect(at(1_000_001).order[0]).toBe('websocket');
  first.wasSilent();
  expect(at(1_000_001).order[0]).toBe('websocket');
  first.worked();
  expect(at(1_000_001).order[0]).toBe('polling');
  expect(at(1_000_000 + 23 * 3_600_000).order[0]).toBe('polling');
  expect(at(1_000_000 + 25 * 3_600_000).order[0]).toBe('websocket');
  expect(at(0).order[0]).toBe('websocket');
});
