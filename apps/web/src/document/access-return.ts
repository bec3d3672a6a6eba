/**
 * Notices that a document may be read again: it was taken out of the trash, or shared once more. The server has no
 * connection over which to say so, so that the page asks, while it is looked at.
 */
const ASK_MS = 5_000;

export interface AccessReturnPorts {
  /** Whether the document may be read; rejects when the server does not answer. */
  mayRead(): Promise<boolean>;
  isLookedAt(): boolean;
  /** Calls after the time has passed; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Calls when the page is looked at again, or has a network again; returns the function that stops it. */
  onBack(run: () => void): () => void;
}

/** Calls `returned` once, when the document may be read again. Returns the function that stops watching. */
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
    cancel = ports.after(ASK_MS, ask);
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
