/** All events of a world as one hash, and as trace lines on demand. */
import type { Scheduler } from './scheduler.ts';

/** Where trace lines go. */
export type TraceSink = (line: string) => void;

/** Trace lines are cut at this length, since snapshots of long texts are unreadable. */
const LINE_CHARACTERS = 40000;

export class EventLog {
  readonly #scheduler: Scheduler;
  readonly #sink: TraceSink | null;
  #hash = 0x811c9dc5;
  #checksum = 0x1234567;
  #count = 0;

  constructor(scheduler: Scheduler, sink: TraceSink | null) {
    this.#scheduler = scheduler;
    this.#sink = sink;
  }

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /** A 64-bit hash over all events in order: equal runs have equal hashes. */
  get hash(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#hash) + hex(this.#checksum);
  }

  record(actor: string, event: string, detail = ''): void {
    this.#mixText(detail);
    this.#write(actor, event, detail);
  }

  /** Hashes a frame's content where it is made; where it is sent and arrives, its length suffices. */
  frame(actor: string, event: string, frame: string): void {
    this.#mix(frame.length);
    this.#write(actor, event, frame);
  }

  #write(actor: string, event: string, detail: string): void {
    this.#count++;
    this.#mix(this.#scheduler.now);
    this.#mixText(actor);
    this.#mixText(event);
    if (this.#sink !== null) {
      const time = (this.#scheduler.now / 1_000).toFixed(3).padStart(10);
      const line = `${time} ${actor.padEnd(10)} ${event.padEnd(14)} ${detail}`;
      this.#sink(line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line);
    }
  }

  /** FNV-1a beside a multiplicative checksum, so that accidental collisions are unlikely. */
  #mix(word: number): void {
    this.#hash = Math.imul(this.#hash ^ word, 0x01000193);
    this.#checksum = (Math.imul(this.#checksum, 31) + word) | 0;
  }

  #mixText(text: string): void {
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    this.#hash = hash;
    this.#checksum = (Math.imul(this.#checksum, 31) + hash) | 0;
  }
}
