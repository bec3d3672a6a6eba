/**
 * The title of a document at a client: what the server has, and the renamings that it may not have. A state machine
 * without clock, randomness or I/O. Rules held here (docs/protocol.md, "Titles"):
 *
 * - A renaming has one id from its first letter on, and the device keeps that id with it. Once it may have been sent it
 *   is not typed into any more: what is typed then is another renaming, made from this one. So whatever the device has
 *   when the page opens again is either new to the server or known to it by its id, and never takes effect twice.
 * - One renaming is asked for at a time, and again with the same id until the server has answered.
 * - What is typed before any title is known is a renaming of the title that the page showed: as one of the empty title it
 *   would be inserted into the server's.
 * - A title of the server is taken only when its version is newer. What is typed, and was not sent, is moved over it;
 *   what may have been sent stays as it is until the server has it, and what was typed behind it is moved then.
 */
import { mergeTitles } from '@concord/ot';
import { TITLE_CHARACTERS, type RenameId } from '@concord/protocol';

/** One change of the title that the server may not have. */
export interface Rename {
  readonly id: RenameId;
  /** The title it was made from. */
  readonly base: string;
  readonly title: string;
}

/** A title as the server keeps it. */
export interface VersionedTitle {
  readonly title: string;
  readonly titleVersion: number;
}

/** What a device keeps of a title. */
export interface KeptTitle extends VersionedTitle {
  /** In their order; each was made from the one before. */
  readonly renames: readonly Rename[];
}

/** Of a client that was never told one. */
export const UNKNOWN_TITLE_VERSION = -1;

interface Queued extends Rename {
  /** It may have been sent: it is not typed into any more. */
  readonly isFrozen: boolean;
}

export class TitleQueue {
  #title: string;
  #version: number;
  #queue: readonly Queued[];
  #kept: KeptTitle | null = null;
  /** The one that an answer is waited for. */
  #asked: RenameId | null = null;
  /** What was known when the latest join was sent. */
  #versionAtJoin = UNKNOWN_TITLE_VERSION;

  constructor({ title, titleVersion, renames }: KeptTitle) {
    this.#title = title;
    this.#version = titleVersion;
    this.#queue = renames.filter(isChange).map((rename) => ({ ...rename, isFrozen: true }));
  }

  /** As the person sees it. */
  get visible(): string {
    return this.#queue.at(-1)?.title ?? this.#title;
  }
  /** False before the first join of a client whose device kept no title: the page may show one that it read elsewhere. */
  get isKnown(): boolean {
    return this.#version !== UNKNOWN_TITLE_VERSION || this.visible !== '' || this.#queue.length > 0;
  }
  /** The server has all of it. */
  get isSaved(): boolean {
    return !this.#queue.some(isChange);
  }
  /** The same object until something of it changes. */
  get kept(): KeptTitle {
    if (this.#kept === null) {
      const renames = this.#queue.map(({ id, base, title }) => ({ id, base, title }));
      this.#kept = { title: this.#title, titleVersion: this.#version, renames };
    }
    return this.#kept;
  }

  /**
   * The person gives another title.
   * @param id for a renaming that begins with it
   * @param base what it was made from, when that may not be what is visible now
   */
  type(title: string, id: RenameId, base: string = this.visible): void {
    const visible = this.isKnown ? this.visible : base;
    const typed =
      base === visible ? title.toWellFormed() : mergeTitles(base, title, visible, TITLE_CHARACTERS);
    if (typed === visible) return;
    const last = this.#queue.at(-1);
    if (last?.isFrozen === false) {
      this.#setQueue([...this.#queue.slice(0, -1), { ...last, title: typed }]);
    } else this.#setQueue([...this.#queue, { id, base: visible, title: typed, isFrozen: false }]);
  }

  /** The renaming to ask the server for now, if any. */
  next(): Rename | null {
    const [first, ...others] = this.#queue;
    if (first === undefined || this.#asked !== null || !isChange(first)) return null;
    this.#queue = [{ ...first, isFrozen: true }, ...others];
    this.#asked = first.id;
    const { id, base, title } = first;
    return { id, base, title };
  }

  /** A join is sent. */
  joining(): void {
    this.#versionAtJoin = this.#version;
  }

  /** A server that knows less than was known before the join was restored from a backup: it is right. */
  joined(title: string, titleVersion: number = this.#version + 1): void {
    if (titleVersion < this.#versionAtJoin) this.#take(title, titleVersion);
    else this.#learn(title, titleVersion);
  }

  /** The server tells of a new title, and which renaming led to it. */
  told(title: string, titleVersion: number = this.#version + 1, id?: RenameId): void {
    this.#learn(title, titleVersion);
    this.#settle(id);
  }

  /** The server has the renaming; this is its title now. */
  answered(id: RenameId, { title, titleVersion }: VersionedTitle): void {
    if (this.#asked === id) this.#asked = null;
    this.#learn(title, titleVersion);
    this.#settle(id);
  }

  /** There was no answer; for a final refusal the renaming is given up. */
  failed(id: RenameId, isFinal: boolean): void {
    if (this.#asked === id) this.#asked = null;
    if (isFinal) this.#settle(id);
  }

  #learn(title: string, titleVersion: number): void {
    if (titleVersion <= this.#version) return;
    this.#take(title, titleVersion);
  }

  #take(title: string, titleVersion: number): void {
    this.#title = title;
    this.#version = titleVersion;
    this.#kept = null;
    if (this.#queue[0]?.isFrozen === false) this.#move();
  }

  /** The server decided on a renaming, and with it on those before: what was typed since is moved. */
  #settle(id: RenameId | undefined): void {
    const place = this.#queue.findIndex((rename) => rename.id === id);
    if (place < 0) return;
    this.#queue = this.#queue.slice(place + 1);
    if (this.#asked === id) this.#asked = null;
    this.#move();
  }

  /** Moves everything that is queued over the server's title. */
  #move(): void {
    let below = this.#title;
    const moved = this.#queue.map((rename) => {
      const base = below;
      below = mergeTitles(rename.base, rename.title, base, TITLE_CHARACTERS);
      return { ...rename, base, title: below };
    });
    this.#setQueue(moved.filter((rename) => !rename.isFrozen || isChange(rename)));
  }

  #setQueue(queue: readonly Queued[]): void {
    this.#queue = queue;
    this.#kept = null;
  }
}

const isChange = ({ base, title }: Rename): boolean => base !== title;
