/** One person at one document: types lines of its own, takes some back, and keeps what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import type { DocumentId } from '@concord/protocol';
import { seededRandom } from '../support/server.ts';

const WORDS = ['owner', 'lease', 'epoch', 'fence', 'ring', 'batch', 'head', 'drain'] as const;

export interface Acknowledgement {
  /** Milliseconds of `performance.now()`. */
  readonly typedAt: number;
  readonly acknowledgedAt: number;
}

export interface TypistOptions {
  /** Without a colon; begins all its lines. */
  readonly name: string;
  readonly url: string;
  readonly documentId: DocumentId;
  readonly seed: number;
  /** Mean time between two edits. */
  readonly everyMs: number;
}

export class Typist {
  readonly name: string;
  readonly url: string;
  readonly documentId: DocumentId;
  readonly client: ReturnType<typeof connectDocument>;
  readonly acknowledgements: Acknowledgement[] = [];
  /** Edits that the server would not commit, and other things that must not happen. */
  readonly faults: string[] = [];
  /** Lines that the document must hold at the end, and those that it must not. */
  readonly lines = new Set<string>();
  readonly removed = new Set<string>();
  readonly #everyMs: number;
  readonly #random: (limit: number) => number;
  /** When each edit was typed that is not acknowledged yet. */
  readonly #waiting: number[] = [];
  #isTyping = true;
  #typing: Promise<void> = Promise.resolve();

  constructor({ name, url, documentId, seed, everyMs }: TypistOptions) {
    this.name = name;
    this.url = url;
    this.documentId = documentId;
    this.#everyMs = everyMs;
    this.#random = seededRandom(seed);
    this.client = connectDocument({ url, documentId });
    this.client.subscribe(() => this.#countAcknowledged());
    this.client.on('refused', ({ code, detail }) =>
      this.faults.push(`${name}: ${code}: ${detail}`),
    );
  }

  start(): void {
    this.#typing = this.#type().catch((error: unknown) => {
      this.faults.push(`${this.name}: ${String(error)}`);
    });
  }

  /** Finishes the line. */
  async stop(): Promise<void> {
    this.#isTyping = false;
    await this.#typing;
  }

  /** How long the oldest edit has waited for its acknowledgement; 0 if none waits. */
  get waitsMs(): number {
    const [oldest] = this.#waiting;
    return oldest === undefined ? 0 : performance.now() - oldest;
  }

  async #type(): Promise<void> {
    await this.client.whenOpen();
    for (let number = 0; this.#isTyping; number += 1) {
      await this.#typeLine(`${this.name}.${number}:`);
      if (this.#random(6) === 0) await this.#takeBack();
    }
  }

  /** A line begins whole, since others write before and after it, and goes on word by word. */
  async #typeLine(start: string): Promise<void> {
    let line = start;
    this.#edit(() => this.client.insert(this.#lineStart(), `${start}\n`));
    for (let words = 2 + this.#random(5); words > 0; words -= 1) {
      await this.#pause();
      const word = ` ${WORDS[this.#random(WORDS.length)] ?? ''}`;
      // Others move the line, so that it is found anew by its start.
      this.#edit(() => this.client.insert(this.#find(start) + line.length, word));
      line += word;
    }
    this.lines.add(line);
    await this.#pause();
  }

  /** Removes a line of one's own whose acknowledgement one has seen. */
  async #takeBack(): Promise<void> {
    await this.client.whenSynchronized();
    const own = [...this.lines];
    const line = own[this.#random(own.length)];
    if (line === undefined) return;
    this.lines.delete(line);
    this.removed.add(line);
    this.#edit(() => this.client.remove(this.#find(`${line}\n`), line.length + 1));
    await this.#pause();
  }

  #edit(make: () => void): void {
    this.#waiting.push(performance.now());
    make();
  }

  /** A random place between two lines. All text is ASCII: code points are UTF-16 units. */
  #lineStart(): number {
    const { text } = this.client;
    const end = text.indexOf('\n', this.#random(text.length + 1));
    return end < 0 ? text.length : end + 1;
  }

  #find(own: string): number {
    const at = this.client.text.indexOf(own);
    if (at < 0) throw new Error(`"${own}" left the text of its author`);
    return at;
  }

  #pause(): Promise<void> {
    return sleep(this.#everyMs / 2 + this.#random(this.#everyMs));
  }

  #countAcknowledged(): void {
    const acknowledgedAt = performance.now();
    while (this.#waiting.length > this.client.view.unsent) {
      const typedAt = this.#waiting.shift() ?? acknowledgedAt;
      this.acknowledgements.push({ typedAt, acknowledgedAt });
    }
  }
}
