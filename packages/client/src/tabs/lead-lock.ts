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
  /**
   * The page goes away. What the browser does not let go of by itself is let go now; a page that comes back has it
   * again a moment later, unless another tab took it.
   */
  pageGone(): void;
  /**
   * Whether nobody can have taken it by force: false for a tab that just woke up, until it had the time to be told.
   * Such a tab must not write without asking whose the replica is.
   */
  isSurelyHeld(): boolean;
}

export interface LeadHolder {
  /** Another tab took it by force. */
  lost(): void;
  /** Asked before it is taken by force. */
  mayForce(): boolean;
}

/** A tab that is asked for the lead answers within milliseconds, unless it is frozen or gone. */
export const WAIT_MS = 3_000;
/** A tab that notes its time so often, and finds it this old, has slept, and may have been robbed meanwhile. */
export const TICK_MS = 1_000;
export const SLEPT_MS = 2_500;
