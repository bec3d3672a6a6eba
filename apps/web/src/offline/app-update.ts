/**
 * Decides when this page goes over to a new version of the app. No page stays on an old one indefinitely, and no edit
 * is put at risk for a new one: open documents are saved before every reload, and a page in use reloads only when the
 * person agrees, or when the server no longer supports the old version's protocol. Pure.
 *
 *   current ──new version waits; page unused, alone──▶ saving ──saved──▶ activating ──in control──▶ reloading
 *      │                                                ▲  │                  └──── takes too long ────▲
 *      ├──new version waits, else──▶ offered ──Reload───┤  └─could not be saved─▶ offered, and it says so
 *      │                                │               │
 *      └──the server refuses this one──▶ checking ──────┘ found, or nothing newer was found
 */

export type UpdateEvent =
  /** A new version is installed and waits. `isAlone`: no other tab has the app open. */
  | { readonly type: 'installed'; readonly isAlone: boolean }
  /** Another tab activated the new version: this page runs the old code under the new service worker. */
  | { readonly type: 'takenOver' }
  /** The person typed, clicked or scrolled in this page. */
  | { readonly type: 'used' }
  | { readonly type: 'reloadAsked' }
  | { readonly type: 'later' }
  /** A chunk of this version failed to load: the server may have another version by now. */
  | { readonly type: 'partMissing' }
  /** The server does not support this version's protocol any more. */
  | { readonly type: 'refused' }
  /** Result of `check`: the server has no newer version, or it could not be installed. */
  | { readonly type: 'nothingNewer' }
  | { readonly type: 'saved' }
  | { readonly type: 'notSaved' }
  /** The new service worker controls this page. */
  | { readonly type: 'inControl' }
  | { readonly type: 'activationTimedOut' };

export type UpdateEffect =
  /** Check for a newer version; `installed` follows when there is one. */
  | 'look'
  /** The same, and report `nothingNewer` if there is none. */
  | 'check'
  /** Save open documents, then report `saved` or `notSaved`. */
  | 'save'
  /** Activate the waiting version, then report `inControl` or `activationTimedOut`. */
  | 'activate'
  /** Unregister the service worker, so that the page is loaded from the server. */
  | 'removeWorker'
  | 'reload';

export interface UpdateState {
  readonly phase: 'current' | 'checking' | 'offered' | 'saving' | 'activating' | 'reloading';
  readonly isUsed: boolean;
  readonly isRefused: boolean;
  /** A version waits to be activated; false if another tab has activated it. */
  readonly isWaiting: boolean;
  /** False after a recent automatic reload, to prevent loops. */
  readonly mayReloadItself: boolean;
  /** The last reload was cancelled, because saving failed. */
  readonly isUnsaved: boolean;
  /** The person has dismissed the notice for this version. */
  readonly isHidden: boolean;
}

export interface UpdateStep {
  readonly state: UpdateState;
  readonly effects: readonly UpdateEffect[];
}

/** @param mayReloadItself whether the last automatic reload is long enough ago */
export function initialUpdateState(mayReloadItself: boolean): UpdateState {
  return {
    phase: 'current',
    isUsed: false,
    isRefused: false,
    isWaiting: false,
    mayReloadItself,
    isUnsaved: false,
    isHidden: false,
  };
}

/** Whether the notice "A new version is ready" is shown. */
export function isOffered({ phase, isHidden }: UpdateState): boolean {
  return phase === 'offered' && !isHidden;
}

export function stepUpdate(state: UpdateState, event: UpdateEvent): UpdateStep {
  const stay: UpdateStep = { state, effects: [] };
  switch (event.type) {
    case 'used':
      return state.isUsed ? stay : { state: { ...state, isUsed: true }, effects: [] };
    case 'installed': {
      const now = { ...state, isWaiting: true, isHidden: false };
      if (isLeaving(state)) return { state: now, effects: [] };
      const isUnnoticed = !state.isUsed && event.isAlone && state.phase === 'current';
      return isUnnoticed || state.isRefused ? leaveByItself(now) : offer(now);
    }
    case 'takenOver': {
      const now = { ...state, isWaiting: false, isHidden: false };
      if (isLeaving(state)) return { state: now, effects: [] };
      return state.isRefused ? leaveByItself(now) : offer(now);
    }
    case 'partMissing':
      if (state.phase === 'offered') return { state: { ...state, isHidden: false }, effects: [] };
      return state.phase === 'current' ? { state, effects: ['look'] } : stay;
    case 'refused': {
      if (state.isRefused || isLeaving(state)) return stay;
      const now = { ...state, isRefused: true };
      if (state.phase === 'offered') return leaveByItself(now);
      return { state: { ...now, phase: 'checking' }, effects: ['check'] };
    }
    case 'nothingNewer':
      return state.phase === 'checking' ? leaveByItself(state) : stay;
    case 'reloadAsked':
      return state.phase === 'offered' ? leave(state) : stay;
    case 'later':
      return { state: { ...state, isHidden: true }, effects: [] };
    case 'notSaved':
      return state.phase === 'saving'
        ? offer({ ...state, isUnsaved: true, isHidden: false })
        : stay;
    case 'saved':
      if (state.phase !== 'saving') return stay;
      if (state.isWaiting) return { state: { ...state, phase: 'activating' }, effects: ['activate'] };
      // Refused, and there is no newer version: the service worker may be serving the old one from its cache.
      return { state: { ...state, phase: 'reloading' }, effects: state.isRefused ? ['removeWorker', 'reload'] : ['reload'] }; // prettier-ignore
    case 'inControl':
    case 'activationTimedOut':
      if (state.phase !== 'activating') return stay;
      return { state: { ...state, phase: 'reloading' }, effects: ['reload'] };
  }
}

const isLeaving = ({ phase }: UpdateState): boolean =>
  phase === 'saving' || phase === 'activating' || phase === 'reloading';

function offer(state: UpdateState): UpdateStep {
  return { state: { ...state, phase: 'offered' }, effects: [] };
}

function leave(state: UpdateState): UpdateStep {
  return { state: { ...state, phase: 'saving', isUnsaved: false }, effects: ['save'] };
}

/** Reloads automatically, but only once in a short time; after that the person decides. */
function leaveByItself(state: UpdateState): UpdateStep {
  return state.mayReloadItself ? leave({ ...state, mayReloadItself: false }) : offer(state);
}

/** Interval of checks for a newer version. */
export const CHECK_EVERY_MS = 60 * 60 * 1000;
/** Minimum interval between automatic reloads. */
export const RELOAD_ITSELF_EVERY_MS = 10 * 60 * 1000;

/** Whether `everyMs` have passed since `lastMs`; true also after the clock was set back. */
export function isDue(lastMs: number, nowMs: number, everyMs: number): boolean {
  return nowMs - lastMs >= everyMs || nowMs < lastMs;
}
