import { describe, expect, it } from 'vitest';
import { AppendAttempt, type AppendInput } from './append-attempt.ts';

const own = 'row-1';

/** The effects of the last input, by type, or the outcome. */
function last(...inputs: AppendInput[]): string {
  const attempt = new AppendAttempt(own);
  let effects = attempt.step({ type: 'start' });
  for (const input of inputs) effects = attempt.step(input);
  return effects.map((effect) => (effect.type === 'decided' ? effect.outcome : effect.type)).join();
}
const found = (rowId: string | null): AppendInput => ({ type: 'found', rowId });
const duplicate: AppendInput = { type: 'duplicate' };
const unknown: AppendInput = { type: 'unknown' };
const timer: AppendInput = { type: 'timer' };

describe('an append of an owner', () => {
  it('is appended when a majority has it', () => {
    expect(last()).toBe('insert');
    expect(last({ type: 'written' })).toBe('appended');
  });

  it('that meets a duplicate key is appended when the row is its own', () => {
    expect(last(duplicate)).toBe('readBack');
    expect(last(duplicate, found(own))).toBe('appended');
  });

  it('that meets a row of another owner is fenced', () => {
    expect(last(duplicate, found('row-2'))).toBe('fenced');
  });

  it('with an unknown outcome is read back before anything is said of it', () => {
    expect(last(unknown)).toBe('readBack');
    expect(last(unknown, found(own))).toBe('appended');
    expect(last(unknown, found('row-2'))).toBe('fenced');
  });

  it('that is not in the log yet is inserted again, since it may still land', () => {
    expect(last(unknown, found(null))).toBe('startTimer');
    expect(last(unknown, found(null), timer)).toBe('insert');
    expect(last(unknown, found(null), timer, duplicate, found(own))).toBe('appended');
  });

  it('is read back again when that failed', () => {
    expect(last(unknown, { type: 'readFailed' }, timer)).toBe('readBack');
  });

  it('is appended by an answer that comes while it is read back', () => {
    expect(last(unknown, { type: 'written' })).toBe('appended');
  });

  it('that nothing decides is given up in doubt, after a bounded number of attempts', () => {
    const attempt = new AppendAttempt(own);
    attempt.step({ type: 'start' });
    let pauses = 0;
    for (;;) {
      attempt.step(unknown);
      const [effect] = attempt.step(found(null));
      if (effect?.type === 'decided') {
        expect(effect.outcome).toBe('inDoubt');
        break;
      }
      pauses++;
      expect(pauses).toBeLessThan(20);
      attempt.step(timer);
    }
    expect(pauses).toBe(4);
    expect(attempt.step({ type: 'written' })).toEqual([]);
  });
});
