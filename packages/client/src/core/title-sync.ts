/** When the title is written to the device, sent to the server, and shown. title.ts holds the rules of its queue. */
import type { RenameId, TitledMessage } from '@concord/protocol';
import type { DeviceWrites } from './device-writes.ts';
import type { Effects } from './effects.ts';
import type { Link } from './link.ts';
import { TitleQueue, type KeptTitle, type VersionedTitle } from './title.ts';

/** A title is sent when typing pauses. */
const RENAME_PAUSE_MS = 600;
const RENAME_RETRY_MS = 3_000;

export class TitleSync {
  readonly #effects: Effects;
  readonly #link: Link;
  readonly #device: DeviceWrites;
  readonly #queue: TitleQueue;

  constructor(effects: Effects, link: Link, device: DeviceWrites, kept: KeptTitle) {
    this.#effects = effects;
    this.#link = link;
    this.#device = device;
    this.#queue = new TitleQueue(kept);
  }

  /** As the person sees it. */
  get visible(): string {
    return this.#queue.visible;
  }
  get isKnown(): boolean {
    return this.#queue.isKnown;
  }
  get isSaved(): boolean {
    return this.#queue.isSaved;
  }
  /** What the device keeps of it. */
  get kept(): KeptTitle {
    return this.#queue.kept;
  }

  /** See `TitleQueue.type`. */
  type(title: string, id: RenameId, base?: string): void {
    this.#change(() => this.#queue.type(title, id, base));
    this.#sendLater(RENAME_PAUSE_MS);
  }

  answered(id: RenameId, answer: VersionedTitle): void {
    this.#change(() => this.#queue.answered(id, answer));
    this.#sendLater(RENAME_PAUSE_MS);
  }

  failed(id: RenameId, isFinal: boolean): void {
    this.#change(() => this.#queue.failed(id, isFinal));
    this.#sendLater(RENAME_RETRY_MS);
  }

  /** A join is sent. */
  joining(): void {
    this.#queue.joining();
  }

  joined(title: string, titleVersion: number | undefined): void {
    this.#change(() => this.#queue.joined(title, titleVersion));
  }

  told({ title, titleVersion, renameId }: TitledMessage): void {
    this.#change(() => this.#queue.told(title, titleVersion, renameId));
    if (renameId !== undefined) this.#sendLater(RENAME_PAUSE_MS);
  }

  /** One renaming at a time; what is typed meanwhile is sent after the answer. */
  send(): void {
    if (!this.#link.isLive) return;
    const rename = this.#queue.next();
    if (rename === null) return;
    this.#effects.cancelTimer('rename');
    this.#effects.push({ type: 'rename', rename });
  }

  #sendLater(ms: number): void {
    if (!this.isSaved) this.#effects.startTimer('rename', ms);
  }

  /** Runs `change`, then writes and shows what it changed. */
  #change(change: () => void): void {
    const { visible, isSaved, kept } = this;
    change();
    if (kept !== this.kept) this.#device.markUnsaved();
    if (visible !== this.visible || isSaved !== this.isSaved) {
      this.#effects.push({ type: 'titleChanged' });
    }
  }
}
