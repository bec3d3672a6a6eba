/**
 * The title as it is edited: shown at once, sent when typing pauses, sent again until the server has it.
 *
 *   saved ──edit──▶ draft ──pause──▶ sending ──answered──▶ saved
 *                     ▲                 │
 *                     └──later, failed──┘     refused for good: the server's title comes back
 */
import { ApiError } from './api.ts';

const PAUSE_MS = 600;
const RETRY_MS = 3_000;

type Rename = (title: string, keepalive: boolean) => Promise<{ readonly title: string }>;

export class TitleDraft {
  readonly #rename: Rename;
  readonly #onChange: () => void;
  #server: string;
  /** What the server has not acknowledged yet. */
  #draft: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(title: string, rename: Rename, onChange: () => void) {
    this.#server = title;
    this.#rename = rename;
    this.#onChange = onChange;
  }

  get shown(): string {
    return this.#draft ?? this.#server;
  }

  get isSaved(): boolean {
    return this.#draft === null;
  }

  edit(title: string): void {
    this.#draft = title;
    this.#saveIn(PAUSE_MS);
    this.#onChange();
  }

  /** Somebody, perhaps on this page, gave the document this title. A draft stays: it is newer. */
  received(title: string): void {
    this.#server = title;
    this.#onChange();
  }

  /** Sends a draft at once, also when the page is about to go away. */
  flush(): void {
    if (this.#draft !== null) void this.#save(true);
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
  }

  #saveIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(false), ms);
  }

  async #save(keepalive: boolean): Promise<void> {
    clearTimeout(this.#timer);
    const sent = this.#draft;
    if (sent === null) return;
    try {
      const { title } = await this.#rename(sent, keepalive);
      this.#server = title;
      if (this.#draft === sent) this.#draft = null;
    } catch (error) {
      const isFinal = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (!isFinal || error.status === 429) return this.#saveIn(RETRY_MS);
      if (this.#draft === sent) this.#draft = null;
    }
    this.#onChange();
  }
}
