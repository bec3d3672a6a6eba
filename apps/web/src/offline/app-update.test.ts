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

/** What a page does after these events, and how it stands then. */
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
  it('is taken at once by a page that nobody has used and that is the only one', () => {
    const { state, effects } = after([alone, 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
    expect(state.phase).toBe('reloading');
  });

  it('is offered where somebody has typed, and where another tab is open', () => {
    for (const events of [['used', alone], [oneOfMany]] as const) {
      const { state, effects } = after(events);
      expect(effects).toEqual([]);
      expect(isOffered(state)).toBe(true);
    }
  });

  it('comes with Reload, only after what is open is written', () => {
    expect(after(['used', alone, 'reloadAsked']).effects).toEqual(['save']);
    expect(after(['used', alone, 'reloadAsked', 'reloadAsked']).effects).toEqual(['save']);
    const { effects } = after(['used', alone, 'reloadAsked', 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
  });

  it('waits when something could not be written, says so, and can be asked for again', () => {
    const failed = ['used', alone, 'reloadAsked', 'notSaved'] as const;
    const { state, effects } = after(failed);
    expect(effects).toEqual(['save']);
    expect([isOffered(state), state.isUnsaved]).toEqual([true, true]);
    expect(after([...failed, 'reloadAsked']).effects).toEqual(['save', 'save']);
  });

  it('is not held up by a service worker that does not take over', () => {
    const { effects } = after(['used', alone, 'reloadAsked', 'saved', 'activationTimedOut']);
    expect(effects.at(-1)).toBe('reload');
  });

  it('that another tab took is offered here; there is nothing left to activate', () => {
    const { state, effects } = after([oneOfMany, 'takenOver', 'reloadAsked', 'saved']);
    expect(effects).toEqual(['save', 'reload']);
    expect(state.phase).toBe('reloading');
  });

  it('is not spoken of again after Later, until yet another one comes', () => {
    expect(isOffered(after(['used', alone, 'later']).state)).toBe(false);
    expect(isOffered(after(['used', alone, 'later', alone]).state)).toBe(true);
  });

  it('does not make a page reload by itself twice in a short while', () => {
    const { state, effects } = after([alone], false);
    expect(effects).toEqual([]);
    expect(isOffered(state)).toBe(true);
  });

  it('is looked for when a part of this one could not be loaded, and spoken of again', () => {
    expect(after(['used', 'partMissing']).effects).toEqual(['look']);
    const { state, effects } = after(['used', alone, 'later', 'partMissing']);
    expect(effects).toEqual([]);
    expect(isOffered(state)).toBe(true);
  });

  it('that comes while the page is leaving changes nothing', () => {
    const leaving = ['used', alone, 'reloadAsked'] as const;
    expect(after([...leaving, alone, 'takenOver', 'refused']).effects).toEqual(['save']);
  });
});

describe('a server that refuses this version', () => {
  it('makes a page look for the new one, save, and go over to it, also while it is in use', () => {
    const { effects } = after(['used', 'refused', alone, 'saved', 'inControl']);
    expect(effects).toEqual(['check', 'save', 'activate', 'reload']);
  });

  it('makes it take the version that waits already', () => {
    const { effects } = after(['used', oneOfMany, 'refused', 'saved', 'inControl']);
    expect(effects).toEqual(['save', 'activate', 'reload']);
  });

  it('makes it do without its service worker when that has nothing newer', () => {
    const { effects } = after(['used', 'refused', 'nothingNewer', 'saved']);
    expect(effects).toEqual(['check', 'save', 'removeWorker', 'reload']);
  });

  it('does not make it reload over what could not be written', () => {
    const { state, effects } = after(['used', 'refused', 'nothingNewer', 'notSaved']);
    expect(effects).toEqual(['check', 'save']);
    expect([isOffered(state), state.isUnsaved]).toEqual([true, true]);
  });

  it('makes it reload by itself once: after that, the person decides', () => {
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
