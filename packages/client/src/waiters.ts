/** Promises that wait for a state of a document: opened, or everything acknowledged. */
import type { EditRefused } from './document-client-api.ts';

/** The client was refused permanently, or closed, before the state was reached. */
export class ClientStoppedError extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The server rejected an edit permanently: it was removed from the text. */
export class EditRefusedError extends Error {
  readonly code: string;
  /** Text that the edit inserted. */
  readonly lostText: string;
  constructor({ code, detail, lostText }: EditRefused) {
    super(detail);
    this.code = code;
    this.lostText = lostText;
  }
}

export type Milestone = 'opened' | 'acknowledged';

interface Stopped {
  readonly code: string;
  readonly detail: string;
}

interface Waiter {
  readonly milestone: Milestone;
  readonly isReached: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Waiters {
  #waiting: Waiter[] = [];

  /** The promise settles in one of the calls below, not before. */
  wait(milestone: Milestone, isReached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ milestone, isReached, resolve, reject });
    });
  }

  /** Resolves waiters whose state is reached; if the client has stopped, rejects the others with ClientStoppedError. */
  check(stopped: Stopped | null): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => {
      if (!waiter.isReached()) return true;
      waiter.resolve();
      return false;
    });
    if (stopped !== null) this.end(stopped);
  }

  /** Rejects waiters for acknowledgement: without the refused edit the count of unsent edits would reach 0. */
  editRefused(refused: EditRefused): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ milestone }) => milestone !== 'acknowledged');
    for (const { milestone, reject } of waiting) {
      if (milestone === 'acknowledged') reject(new EditRefusedError(refused));
    }
  }

  end({ code, detail }: Stopped): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new ClientStoppedError(code, detail));
  }
}
