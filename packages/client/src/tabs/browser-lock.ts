/** The lock that this browser has for the lead, and what is locked in it now. */
import type { DeviceDatabase } from '../adapters/device-database.ts';
import type { LeadLock } from './lead-lock.ts';
import { LeaseLock, LeasingPage } from './lease-lock.ts';
import { WebLock } from './web-lock.ts';

/** Absent outside secure contexts, whatever the type says. */
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
  // Before anybody asks for the lead again.
  addEventListener('pageshow', () => made.back(), { capture: true });
  page = made;
  return made;
}

/** Names of all locks that some tab of this browser holds now; also those that have nothing to do with documents. */
export async function heldNames(device: DeviceDatabase): Promise<readonly string[]> {
  const locks = webLocks();
  if (locks === undefined) return LeaseLock.heldNames(device);
  const { held = [] } = await locks.query();
  return held.map(({ name = '' }) => name);
}
