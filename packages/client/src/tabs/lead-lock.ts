/**
 * Who leads: of all tabs that show a document in this browser, one holds the replica. By a Web Lock where the
 * browser has them (secure contexts only), else by a lease in the database that is renewed while the tab lives.
 */

export interface LeadLock {
  /**
   * `ifFree` resolves to false when another tab holds it; `wait` waits for three seconds, then takes it by force:
   * whoever holds it then does not answer (a frozen tab, a lease that outlived its tab).
   */
  take(how: 'ifFree' | 'wait', holder: LeadHolder): Promise<boolean>;
  release(): void;
}

export interface LeadHolder {
  /** Another tab took it by force. */
  lost(): void;
  /** Asked before it is taken by force. */
  mayForce(): boolean;
}

/** A tab that is asked for the lead answers within milliseconds, unless it is frozen or gone. */
export const WAIT_MS = 3_000;
