/** Chooses the lock for leader election (Web Locks, else leases), and lists the locks held in this browser. */
import type { DeviceDatabase } from '../adapters/device-database.ts';
import type { LeadLock } from './lead-lock.ts';
import { LeaseLock, LeasingPage } from './lease-lock.ts';
import { WebLock } from './web-lock.ts';

/** Undefined outside secure contexts, contrary to its type. */
const webLocks = (): LockManager | undefined => navigator.locks;

export function leadLock(name: string, device: DeviceDatabase): LeadLock {
  const locks = webLocks();
  return locks === undefined ? new LeaseLock(name, device, thisPage()) : new WebLock(name, locks);
}

let page: LeasingPage | undefined;

function thisPage(): LeasingPage {
  if (page !== undefined) return page;
  const made = new LeasingPage();
  addEventListener('pagehide', () => made.gone());
  // In the capture phase: before other `pageshow` listeners request the lead again.
  addEventListener('pageshow', () => made.back(), { capture: true });
  page = made;
  return made;
}

/** Names of all locks held by any tab of this browser, including those that do not belong to documents. */
export async function heldNames(device: DeviceDatabase): Promise<readonly string[]> {
  const locks = webLocks();
  if (locks === undefined) return LeaseLock.heldNames(device);
  const { held = [] } = await locks.query();
  return held.map(({ name = '' }) => name);
}
