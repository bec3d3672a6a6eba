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

/** An edit did not become part of the document, and is not in the text any more. */
export class EditRefusedError extends Error {
  readonly code: string;
  /** What was typed in it. */
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

  /** Settles at one of the calls below, not before. */
  wait(milestone: Milestone, isReached: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ milestone, isReached, resolve, reject });
    });
  }

  /** Resolves what is reached; when the client has stopped, the rest rejects with ClientStoppedError. */
  check(stopped: Stopped | null): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => {
      if (!waiter.isReached()) return true;
      waiter.resolve();
      return false;
    });
    if (stopped !== null) this.end(stopped);
  }

  /** Who waits for acknowledgements is told by EditRefusedError: without the edit nothing would be unsent. */
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
