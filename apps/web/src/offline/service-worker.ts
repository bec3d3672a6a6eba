/**
 * The service worker of this page, and going over to a new version: carries out what app-update.ts decides.
 * Without one (plain http on a LAN, a browser that blocks it, a script that is broken) the page works as ever;
 * it only needs the network to be opened.
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
/** Each tab holds it, shared, so that they can be counted. */
const TAB_LOCK = 'concord.tab';
const RELOADED_ITSELF_AT = 'concord.reloadedItselfAt';
const ACTIVATION_MS = 5_000;
/** Between looks at the clock: timers stand still while a laptop sleeps. */
const LOOK_EVERY_MS = 60_000;

let state: UpdateState = initialUpdateState(mayReloadItself());
let registration: ServiceWorkerRegistration | null = null;
let removing: Promise<unknown> | undefined;
let checkedAtMs = Date.now();
const listeners = new Set<() => void>();

/** How the page stands to new versions, as a store that React can follow. */
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

/** Registers the service worker, and looks for new versions from now on. Nothing of it is waited for. */
export function startServiceWorker(): void {
  for (const sign of ['keydown', 'beforeinput', 'pointerdown', 'wheel', 'drop']) {
    addEventListener(sign, used, { capture: true, passive: true });
  }
  // Told by the build's loader of parts. Whoever wanted the part says what is to be said of it.
  addEventListener('vite:preloadError', () => updateHappened({ type: 'partMissing' }));
  // Absent outside secure contexts, whatever the type says.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return;
  countThisTab();
  let hadController = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    if (state.phase === 'activating') updateHappened({ type: 'inControl' });
    // The first one there ever was is of this page's own version.
    else if (hadController) updateHappened({ type: 'takenOver' });
    hadController = true;
  });
  const register = (): void => {
    container.register(SCRIPT, { updateViaCache: 'none' }).then(watch, () => undefined);
  };
  // The page itself comes first.
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
  // What is active may be from the last visit; a worker that was installed just now is the newest.
  if (registered.active !== null) void check();
  setInterval(checkIfDue, LOOK_EVERY_MS);
  document.addEventListener('visibilitychange', checkIfDue);
}

function checkIfDue(): void {
  if (document.visibilityState !== 'visible') return;
  if (isDue(checkedAtMs, Date.now(), CHECK_EVERY_MS)) void check();
}

/** Asks the server for a newer service worker. Resolves when the answer is there, and with whether there is one. */
async function check(): Promise<boolean> {
  checkedAtMs = Date.now();
  try {
    await registration?.update();
  } catch {
    // No network, or a script that cannot be had: asked again later.
    return false;
  }
  return (registration?.installing ?? registration?.waiting ?? null) !== null;
}

/** Resolves when the version that is being installed is there, or was given up. */
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
  // Without an active one it is the first, and does not wait.
  const { waiting = null, active = null } = registration ?? {};
  if (waiting === null || active === null) return;
  updateHappened({ type: 'installed', isAlone: await isOnlyTab() });
}

function countThisTab(): void {
  const locks = navigator.locks as LockManager | undefined;
  const forEver = new Promise<never>(() => undefined);
  locks?.request(TAB_LOCK, { mode: 'shared' }, () => forEver).catch(() => undefined);
}

/** False where it cannot be known. */
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
      // Its caches stay: whichever worker comes next clears them up.
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
  // Had it been installed, `installed` would have been said by now.
  updateHappened({ type: 'nothingNewer' });
}

function mayReloadItself(): boolean {
  try {
    const at = Number(sessionStorage.getItem(RELOADED_ITSELF_AT) ?? 0);
    return isDue(at, Date.now(), RELOAD_ITSELF_EVERY_MS);
  } catch {
    // Nothing can be kept past a reload, so that nothing would end a loop.
    return false;
  }
}

function noteReloadItself(): void {
  try {
    sessionStorage.setItem(RELOADED_ITSELF_AT, String(Date.now()));
  } catch {
    // As above: then it never comes to this.
  }
}
