/**
 * Detects by polling that a document can be read again (restored from the trash, or shared again): the server has no
 * connection to this client over which to push it. Polls only while the page is visible.
 */
const POLL_MS = 5_000;

export interface AccessReturnPorts {
  /** Whether the document can be read; rejects if the server does not answer. */
  mayRead(): Promise<boolean>;
  isLookedAt(): boolean;
  /** Sets a timer; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` when the page becomes visible or goes online; returns the unsubscribe function. */
  onBack(run: () => void): () => void;
}

/** Calls `returned` once, when the document can be read again. Returns the function that stops polling. */
export function watchForAccess(returned: () => void, ports: AccessReturnPorts): () => void {
  let isOver = false;
  let isAsking = false;
  let cancel = (): void => undefined;
  const stop = (): void => {
    isOver = true;
    cancel();
    stopListening();
  };
  const later = (): void => {
    cancel = ports.after(POLL_MS, ask);
  };
  const ask = (): void => {
    cancel();
    if (isOver || isAsking) return;
    if (!ports.isLookedAt()) return later();
    isAsking = true;
    const answered = (may: boolean): void => {
      isAsking = false;
      if (isOver) return;
      if (!may) return later();
      stop();
      returned();
    };
    ports.mayRead().then(answered, () => answered(false));
  };
  const stopListening = ports.onBack(ask);
  later();
  return stop;
}
