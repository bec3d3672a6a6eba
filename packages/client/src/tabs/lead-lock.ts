/**
 * Leader election: of all tabs that show a document in this browser, one holds the replica. By a Web Lock where
 * available (secure contexts only), else by a lease in the database that is renewed while the tab lives.
 */

export interface LeadLock {
  /**
   * `ifFree` resolves to false when another tab holds it; `wait` waits for three seconds, then takes it by force: the
   * holder is unresponsive by then (a frozen tab, a lease that outlived its tab).
   */
  take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean>;
  release(): void;
}

export interface LeadHolder {
  /** Another tab took it by force. */
  lost(): void;
  /** Whether the lead may be taken by force now. */
  mayForce(): boolean;
}

/** A live tab answers a request for the lead within milliseconds, so that after this long it is frozen or gone. */
export const WAIT_MS = 3_000;
