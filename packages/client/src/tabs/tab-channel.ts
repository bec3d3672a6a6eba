/** Message channel between the tabs of one browser that show the same document. */
import type { TabMessage } from './core/tab-messages.ts';

/**
 * Version of the posted messages. Tabs of builds with different versions ignore each other's messages: the lock and
 * the fencing token still prevent concurrent writes, but each takes the lead by force. So the format must stay stable.
 */
const VERSION = 2;

/** Types whose posted name differs, for tabs of earlier builds that are open beside this one. */
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
    // Browsers before 2022: a `storage` event reaches the other tabs, if the value changes.
    try {
      localStorage.setItem(this.#name, JSON.stringify({ message: posted, at: Math.random() }));
      localStorage.removeItem(this.#name);
    } catch {
      // Storage is full: the other tabs repeat their request.
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#channel === null) removeEventListener('storage', this.#stored);
    else this.#channel.close();
  }
}

/** Null for browsers before 2022, and where the browser denies it. */
function broadcastChannel(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
