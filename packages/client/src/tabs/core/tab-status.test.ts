import { describe, expect, it } from 'vitest';
import { statusWhileTaking, statusWithTyped } from './tab-status.ts';

describe('the status while the lead changes hands', () => {
  it('stays as it was until the new leader is connected', () => {
    const opening = { kind: 'opening' } as const;
    expect(statusWhileTaking(opening, { kind: 'saved' }, 0)).toEqual({ kind: 'saved' });
    expect(statusWhileTaking(opening, { kind: 'saved' }, 1)).toMatchObject({ kind: 'saving' });
    expect(statusWhileTaking(opening, opening, 0)).toEqual(opening);
    expect(statusWhileTaking({ kind: 'savingPaused' }, { kind: 'saved' }, 0)).toEqual({
      kind: 'savingPaused',
    });
  });

  it('never says saved of what was typed and no leader has', () => {
    expect(statusWithTyped({ kind: 'saved' }, true, 1)).toMatchObject({ kind: 'saving' });
    expect(statusWithTyped({ kind: 'merged', merged: 2 }, true, 1)).toMatchObject({
      kind: 'saving',
    });
    expect(statusWithTyped({ kind: 'saved' }, false, 0)).toEqual({ kind: 'saved' });
    expect(statusWithTyped({ kind: 'offline', unsent: 2 }, true, 3)).toEqual({
      kind: 'offline',
      unsent: 3,
    });
    expect(statusWithTyped({ kind: 'storageBlocked' }, true, 3)).toEqual({
      kind: 'storageBlocked',
    });
  });
});
