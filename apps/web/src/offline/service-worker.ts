/**
 * Registers the service worker, and carries out the update steps that app-update.ts decides. Without a service worker
 * (plain http on a LAN, a browser that blocks it, a broken script) the page works as usual; only opening it needs the
 * network.
 */
import {
  CHECK_EVERY_MS,
  initialUpdateState,
  isDue,
  RELOAD_ITSELF_EVERY_MS,
  stepUpdate,
  type UpdateEffect,
  type UpdateEvent,
  type UpdateState,
} from './app-update.ts';
import { saveOpenWork } from './open-work.ts';

const SCRIPT = '/sw.js';
/** Web Lock that each tab holds in shared mode, so that tabs can be counted. */
const TAB_LOCK = 'concord.tab';
const RELOADED_ITSELF_AT = 'concord.reloadedItselfAt';
const ACTIVATION_MS = 5_000;
/** Interval at which the clock is checked: timers do not run while a laptop sleeps. */
const CHECK_CLOCK_EVERY_MS = 60_000;

let state: UpdateState = initialUpdateState(mayReloadItself());
let registration: ServiceWorkerRegistration | null = null;
let removing: Promise<unknown> | undefined;
let checkedAtMs = Date.now();
const listeners = new Set<() => void>();

/** The update state as an external store for React. */
export const updateStore = {
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  snapshot: (): UpdateState => state,
} as const;

export function updateHappened(event: UpdateEvent): void {
  const wasSelfReloading = state.mayReloadItself;
  const step = stepUpdate(state, event);
  if (wasSelfReloading && !step.state.mayReloadItself) noteReloadItself();
  const isChanged = step.state !== state;
  state = step.state;
  for (const effect of step.effects) carryOut(effect);
  if (isChanged) for (const listener of listeners) listener();
}

/** Registers the service worker and checks for new versions from now on, without blocking the caller. */
export function startServiceWorker(): void {
  for (const sign of ['keydown', 'beforeinput', 'pointerdown', 'wheel', 'drop']) {
    addEventListener(sign, used, { capture: true, passive: true });
  }
  // Vite emits this event when a chunk fails to load. The caller of `import()` shows the error.
  addEventListener('vite:preloadError', () => updateHappened({ type: 'partMissing' }));
  // Undefined outside secure contexts, contrary to its type.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return;
  countThisTab();
  let hadController = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    if (state.phase === 'activating') updateHappened({ type: 'inControl' });
    // Not on the first visit, whose service worker has this page's version.
    else if (hadController) updateHappened({ type: 'takenOver' });
    hadController = true;
  });
  const register = (): void => {
    container.register(SCRIPT, { updateViaCache: 'none' }).then(watch, () => undefined);
  };
  // Loading the page has priority.
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

function used(): void {
  updateHappened({ type: 'used' });
}

function watch(registered: ServiceWorkerRegistration): void {
  registration = registered;
  void announceWaiting();
  registered.addEventListener('updatefound', () => void followInstallation());
  void followInstallation();
  // An active worker may be from the last visit; one that is being installed is the newest already.
  if (registered.active !== null) void check();
  setInterval(checkIfDue, CHECK_CLOCK_EVERY_MS);
  document.addEventListener('visibilitychange', checkIfDue);
}

function checkIfDue(): void {
  if (document.visibilityState !== 'visible') return;
  if (isDue(checkedAtMs, Date.now(), CHECK_EVERY_MS)) void check();
}

/** Checks the server for a newer service worker. Resolves with whether there is one. */
async function check(): Promise<boolean> {
  checkedAtMs = Date.now();
  try {
    await registration?.update();
  } catch {
    // No network, or the script could not be loaded: checked again later.
    return false;
  }
  return (registration?.installing ?? registration?.waiting ?? null) !== null;
}

/** Resolves when a pending installation has finished or failed. */
async function followInstallation(): Promise<void> {
  const worker = registration?.installing ?? null;
  if (worker === null) return;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (worker.state !== 'installing') resolve();
    };
    worker.addEventListener('statechange', look);
    look();
  });
  await announceWaiting();
}

async function announceWaiting(): Promise<void> {
  // Without an active worker this is the first one, which does not wait.
  const { waiting = null, active = null } = registration ?? {};
  if (waiting === null || active === null) return;
  updateHappened({ type: 'installed', isAlone: await isOnlyTab() });
}

function countThisTab(): void {
  const locks = navigator.locks as LockManager | undefined;
  const neverReleased = new Promise<never>(() => undefined);
  locks?.request(TAB_LOCK, { mode: 'shared' }, () => neverReleased).catch(() => undefined);
}

/** False if unknown. */
async function isOnlyTab(): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return false;
  const { held = [] } = await locks.query();
  return held.filter(({ name }) => name === TAB_LOCK).length <= 1;
}

function carryOut(effect: UpdateEffect): void {
  switch (effect) {
    case 'look':
      void check();
      break;
    case 'check':
      void checkForRefused();
      break;
    case 'save':
      void saveOpenWork().then((isSaved) =>
        updateHappened({ type: isSaved ? 'saved' : 'notSaved' }),
      );
      break;
    case 'activate':
      setTimeout(() => updateHappened({ type: 'activationTimedOut' }), ACTIVATION_MS);
      registration?.waiting?.postMessage({ type: 'SKIP_WAITING' });
      break;
    case 'removeWorker':
      // Its caches stay: the next service worker cleans them up.
      removing = registration?.unregister().catch(() => false);
      break;
    case 'reload':
      void Promise.resolve(removing).then(() => location.reload());
      break;
  }
}

async function checkForRefused(): Promise<void> {
  const isFound = await check();
  if (isFound) await followInstallation();
  // If a version was installed, `installed` was reported before, and this has no effect.
  updateHappened({ type: 'nothingNewer' });
}

function mayReloadItself(): boolean {
  try {
    const at = Number(sessionStorage.getItem(RELOADED_ITSELF_AT) ?? 0);
    return isDue(at, Date.now(), RELOAD_ITSELF_EVERY_MS);
  } catch {
    // Without storage a reload cannot be recorded: never reload automatically, since a loop would not end.
    return false;
  }
}

function noteReloadItself(): void {
  try {
    sessionStorage.setItem(RELOADED_ITSELF_AT, String(Date.now()));
  } catch {
    // Unreachable: without storage `mayReloadItself` is false.
  }
}
