/** How the tabs of one browser that show one document reach each other. */
import type { TabMessage } from './core/tab-messages.ts';

/**
 * Tabs of builds with another version here do not understand each other: the lock, and the terms of the replica, keep
 * them from writing at once, but they take the lead from each other by force. So what is posted keeps its form.
 */
const VERSION = 2;

/** Types that are named otherwise in what is posted: tabs of builds that named them so may be open beside this one. */
const postedAs: Readonly<Record<string, string>> = {
  requestLead: 'wanted',
  leadRefused: 'kept',
  handOffEdits: 'typed',
  leaderLeft: 'gone',
};
const typeOf = new Map(Object.entries(postedAs).map(([type, posted]) => [posted, type]));

interface Posted {
  readonly type: string;
}

const toPosted = (message: TabMessage): Posted => ({
  ...message,
  type: postedAs[message.type] ?? message.type,
});
const fromPosted = (posted: Posted): TabMessage =>
  ({ ...posted, type: typeOf.get(posted.type) ?? posted.type }) as TabMessage;

export class TabChannel {
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;
  readonly #stored: (event: StorageEvent) => void;
  #isClosed = false;

  constructor(name: string, received: (message: TabMessage) => void) {
    this.#name = `${name}:${VERSION}`;
    this.#channel = broadcastChannel(this.#name);
    this.#channel?.addEventListener('message', (event: MessageEvent<Posted>) =>
      received(fromPosted(event.data)),
    );
    this.#stored = ({ key, newValue }) => {
      if (key !== this.#name || newValue === null) return;
      received(fromPosted((JSON.parse(newValue) as { readonly message: Posted }).message));
    };
    if (this.#channel === null) addEventListener('storage', this.#stored);
  }

  post(message: TabMessage): void {
    if (this.#isClosed) return;
    const posted = toPosted(message);
    if (this.#channel !== null) return this.#channel.postMessage(posted);
    // Browsers before 2022: other tabs are told what is stored, when it is not what was stored before.
    try {
      localStorage.setItem(this.#name, JSON.stringify({ message: posted, at: Math.random() }));
      localStorage.removeItem(this.#name);
    } catch {
      // No room: the others ask again.
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#channel === null) removeEventListener('storage', this.#stored);
    else this.#channel.close();
  }
}

/** Null for browsers before 2022, and where the page may not have one. */
function broadcastChannel(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
