/**
 * When this page goes over to a new version of the app. Nobody is kept on an old one, and nothing that was
 * written is put at risk for a new one: what is open is saved before every reload, and a page that is in use
 * reloads only when its person says so, or when the server does not speak with the old version any more. Pure.
 *
 *   current ──new version waits; page unused, alone──▶ saving ──saved──▶ activating ──in control──▶ reloading
 *      │                                                ▲  │                  └──── takes too long ────▲
 *      ├──new version waits, else──▶ offered ──Reload───┤  └─could not be saved─▶ offered, and it says so
 *      │                                │               │
 *      └──the server refuses this one──▶ checking ──────┘ found, or nothing newer was found
 */

export type UpdateEvent =
  /** A new version is on the device and waits. `isAlone`: no other tab has the app open. */
  | { readonly type: 'installed'; readonly isAlone: boolean }
  /** Another tab went over to the new version: this page is the old one on top of it. */
  | { readonly type: 'takenOver' }
  /** Somebody typed, pressed or scrolled here. */
  | { readonly type: 'used' }
  | { readonly type: 'reloadAsked' }
  | { readonly type: 'later' }
  /** A part of this version could not be loaded: the server may have another one by now. */
  | { readonly type: 'partMissing' }
  /** The server does not speak this version's protocol any more. */
  | { readonly type: 'refused' }
  /** Asked for because of a refusal: the server has no newer version, or none that could be had. */
  | { readonly type: 'nothingNewer' }
  | { readonly type: 'saved' }
  | { readonly type: 'notSaved' }
  /** The new version answers for this page. */
  | { readonly type: 'inControl' }
  | { readonly type: 'activationTimedOut' };

export type UpdateEffect =
  /** Ask the server for a newer version; it is heard of when it is installed. */
  | 'look'
  /** The same, and report `nothingNewer` if there is none. */
  | 'check'
  /** Write what is open, then report `saved` or `notSaved`. */
  | 'save'
  /** Let the version that waits take over, then report `inControl` or `activationTimedOut`. */
  | 'activate'
  /** Do without the service worker: the page comes from the server again. */
  | 'removeWorker'
  | 'reload';

export interface UpdateState {
  readonly phase: 'current' | 'checking' | 'offered' | 'saving' | 'activating' | 'reloading';
  readonly isUsed: boolean;
  readonly isRefused: boolean;
  /** A version waits to be activated; false also when another tab has activated it. */
  readonly isWaiting: boolean;
  /** False when it has reloaded by itself a short while ago: no loops. */
  readonly mayReloadItself: boolean;
  /** The last attempt to reload was given up, because something could not be written. */
  readonly isUnsaved: boolean;
  /** The person does not want to hear of this version now. */
  readonly isHidden: boolean;
}

export interface UpdateStep {
  readonly state: UpdateState;
  readonly effects: readonly UpdateEffect[];
}

/** @param mayReloadItself whether the last reload that nobody asked for is long ago */
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
      // Refused, and no other version came: the service worker may be what holds the old one.
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

/** Once; a second time within a short while, the person decides. */
function leaveByItself(state: UpdateState): UpdateStep {
  return state.mayReloadItself ? leave({ ...state, mayReloadItself: false }) : offer(state);
}

/** How often the browser asks for a newer version. */
export const CHECK_EVERY_MS = 60 * 60 * 1000;
/** A page that reloaded by itself does not do so again for this long. */
export const RELOAD_ITSELF_EVERY_MS = 10 * 60 * 1000;

/** Whether `everyMs` have gone by since `lastMs`; also after a clock was set back. */
export function isDue(lastMs: number, nowMs: number, everyMs: number): boolean {
  return nowMs - lastMs >= everyMs || nowMs < lastMs;
}
