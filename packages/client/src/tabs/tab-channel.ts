/** What the tabs of one browser that show one document tell each other. */
import type { TextOperation } from '@concord/ot';
import type { Person, Role } from '@concord/protocol';
import type { DocumentStatus, EditRefused, VisibleCaret } from '../document-client-api.ts';

/** What a tab shows besides the text, as its leader has it. */
export interface SharedState {
  readonly status: DocumentStatus;
  readonly title: string;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  readonly peopleTotal: number;
  readonly self: number;
  readonly role: Role | null;
  readonly version: number;
  readonly unsent: number;
  readonly carets: readonly VisibleCaret[];
}

/** A title that was typed over another one. */
export interface TypedTitle {
  readonly base: string;
  readonly title: string;
}

export type TabMessage =
  /** Somebody leads now: who mirrors says hello. */
  | { readonly type: 'leads' }
  /** A mirror begins, or missed something: the leader tells everything. */
  | { readonly type: 'hello' }
  | { readonly type: 'text'; readonly text: string; readonly count: number }
  /** `count` tells whether one was missed. */
  | { readonly type: 'change'; readonly operation: TextOperation; readonly count: number }
  | { readonly type: 'state'; readonly state: SharedState }
  | { readonly type: 'refused'; readonly refused: EditRefused }
  /** Somebody looks at this tab, or types in it: the leader hands over. */
  | { readonly type: 'wanted' }
  /** The leader cannot write the queue to the device, and keeps the lead for that reason. */
  | { readonly type: 'kept' }
  /**
   * A mirror cannot wait for the lead: its page goes away, or the leader keeps it. Whoever leads, or did so last,
   * takes over what was typed there. Nobody answers: the one who says this does not hold it any more.
   */
  | {
      readonly type: 'typed';
      readonly base: string;
      /** Applies to `base`. */
      readonly operation: TextOperation;
      readonly edits: number;
      readonly title: TypedTitle | null;
    }
  | {
      readonly type: 'merge';
      readonly base: string;
      readonly mine: TextOperation;
      readonly theirs: TextOperation;
      readonly edits: number;
    }
  /** The leader's page went away. */
  | { readonly type: 'gone' };

/** Tabs of another version of the app do not understand each other. */
const VERSION = 2;

export class TabChannel {
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;
  readonly #stored: (event: StorageEvent) => void;
  #isClosed = false;

  constructor(name: string, received: (message: TabMessage) => void) {
    this.#name = `${name}:${VERSION}`;
    this.#channel = broadcastChannel(this.#name);
    this.#channel?.addEventListener('message', (event: MessageEvent<TabMessage>) =>
      received(event.data),
    );
    this.#stored = ({ key, newValue }) => {
      if (key !== this.#name || newValue === null) return;
      received((JSON.parse(newValue) as { readonly message: TabMessage }).message);
    };
    if (this.#channel === null) addEventListener('storage', this.#stored);
  }

  post(message: TabMessage): void {
    if (this.#isClosed) return;
    if (this.#channel !== null) return this.#channel.postMessage(message);
    // Browsers before 2022: other tabs are told what is stored, when it is not what was stored before.
    try {
      localStorage.setItem(this.#name, JSON.stringify({ message, at: Math.random() }));
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
