import { describe, expect, it } from 'vitest';
import {
  CHECK_EVERY_MS,
  initialUpdateState,
  isDue,
  isOffered,
  stepUpdate,
  type UpdateEffect,
  type UpdateEvent,
  type UpdateState,
} from './app-update.ts';

type Happened = UpdateEvent | UpdateEvent['type'];

/** Effects and state of a page after these events. */
function after(
  events: readonly Happened[],
  mayReloadItself = true,
): { state: UpdateState; effects: readonly UpdateEffect[] } {
  let state = initialUpdateState(mayReloadItself);
  const effects: UpdateEffect[] = [];
  for (const each of events) {
    const event = typeof each === 'string' ? ({ type: each } as UpdateEvent) : each;
    const step = stepUpdate(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

const alone: UpdateEvent = { type: 'installed', isAlone: true };
const oneOfMany: UpdateEvent = { type: 'installed', isAlone: false };

describe('a new version', () => {
  it('is activated at once in an unused page that is the only tab', () => {
    const { state, effects } = after([alone, 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
    expect(state.phase).toBe('reloading');
  });

  it('is offered in a page that has been used, and while another tab is open', () => {
    for (const events of [['used', alone], [oneOfMany]] as const) {
      const { state, effects } = after(events);
      expect(effects).toEqual([]);
      expect(isOffered(state)).toBe(true);
    }
  });

  it('is activated by Reload only after open documents are saved', () => {
    expect(after(['used', alone, 'reloadAsked']).effects).toEqual(['save']);
    expect(after(['used', alone, 'reloadAsked', 'reloadAsked']).effects).toEqual(['save']);
    const { effects } = after(['used', alone, 'reloadAsked', 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
  });

  it('waits and says so when saving failed, and can be requested again', () => {
    const failed = ['used', alone, 'reloadAsked', 'notSaved'] as const;
    const { state, effects } = after(failed);
    expect(effects).toEqual(['save']);
    expect([isOffered(state), state.isUnsaved]).toEqual([true, true]);
    expect(after([...failed, 'reloadAsked']).effects).toEqual(['save', 'save']);
  });

  it('is loaded after a timeout when the service worker does not take control', () => {
    const { effects } = after(['used', alone, 'reloadAsked', 'saved', 'activationTimedOut']);
    expect(effects.at(-1)).toBe('reload');
  });

  it('that another tab activated is offered here, without another activation', () => {
    const { state, effects } = after([oneOfMany, 'takenOver', 'reloadAsked', 'saved']);
    expect(effects).toEqual(['save', 'reload']);
    expect(state.phase).toBe('reloading');
  });

  it('stays hidden after Later until a newer version is installed', () => {
    expect(isOffered(after(['used', alone, 'later']).state)).toBe(false);
    expect(isOffered(after(['used', alone, 'later', alone]).state)).toBe(true);
  });

  it('does not reload a page automatically twice in a short time', () => {
    const { state, effects } = after([alone], false);
    expect(effects).toEqual([]);
    expect(isOffered(state)).toBe(true);
  });

  it('is searched for, and offered again, when a chunk of the present one failed to load', () => {
    expect(after(['used', 'partMissing']).effects).toEqual(['look']);
    const { state, effects } = after(['used', alone, 'later', 'partMissing']);
    expect(effects).toEqual([]);
    expect(isOffered(state)).toBe(true);
  });

  it('that is installed while the page reloads has no effect', () => {
    const leaving = ['used', alone, 'reloadAsked'] as const;
    expect(after([...leaving, alone, 'takenOver', 'refused']).effects).toEqual(['save']);
  });
});

describe('a server that refuses this version', () => {
  it('makes a page find the new version, save and activate it, also while in use', () => {
    const { effects } = after(['used', 'refused', alone, 'saved', 'inControl']);
    expect(effects).toEqual(['check', 'save', 'activate', 'reload']);
  });

  it('makes a page activate a version that waits already', () => {
    const { effects } = after(['used', oneOfMany, 'refused', 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
  });

  it('makes a page unregister its service worker when that has nothing newer', () => {
    const { effects } = after(['used', 'refused', 'nothingNewer', 'saved']);
    expect(effects).toEqual(['check', 'save', 'removeWorker', 'reload']);
  });

  it('does not make a page reload when saving failed', () => {
    const { state, effects } = after(['used', 'refused', 'nothingNewer', 'notSaved']);
    expect(effects).toEqual(['check', 'save']);
    expect([isOffered(state), state.isUnsaved]).toEqual([true, true]);
  });

  it('makes a page reload automatically once; after that, the person decides', () => {
    const { state, effects } = after(['used', 'refused', 'refused', 'nothingNewer'], false);
    expect(effects).toEqual(['check']);
    expect(isOffered(state)).toBe(true);
  });
});

describe('the next check', () => {
  it('is due after an hour, and when the clock was set back', () => {
    expect(isDue(1_000, 1_000 + CHECK_EVERY_MS - 1, CHECK_EVERY_MS)).toBe(false);
    expect(isDue(1_000, 1_000 + CHECK_EVERY_MS, CHECK_EVERY_MS)).toBe(true);
    expect(isDue(1_000, 999, CHECK_EVERY_MS)).toBe(true);
  });
});
