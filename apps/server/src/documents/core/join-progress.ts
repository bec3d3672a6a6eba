/**
 * Notices clients that come back again and again and get nowhere: whatever ends their connections would otherwise
 * show nowhere, for each join by itself is a good one.
 */
import type { JoinMessage } from '@concord/protocol';
import type { Client } from './clients.ts';

/** A session that lives this long got somewhere: others' edits reach it. */
const STEADY_MS = 5_000;

interface LastJoin {
  readonly version: number;
  readonly nextSeq: number;
  readonly at: number;
  endedAt: number | null;
  /** How often in a row nothing came of it. */
  readonly inVain: number;
}

export class JoinProgress {
  readonly #last = new WeakMap<Client, LastJoin>();

  /**
   * A client joins. Returns how often in a row it came back soon, with nothing received and nothing acknowledged.
   * @param now milliseconds since 1970
   */
  joined(
    client: Client,
    { version, nextSeq }: Pick<JoinMessage, 'version' | 'nextSeq'>,
    now: number,
  ): number {
    const last = this.#last.get(client);
    const isBrief = last !== undefined && (last.endedAt ?? now) - last.at < STEADY_MS;
    const isSame = last?.version === version && last.nextSeq === nextSeq;
    const inVain = isBrief && isSame ? last.inVain + 1 : 0;
    this.#last.set(client, { version, nextSeq, at: now, endedAt: null, inVain });
    return inVain;
  }

  /** Its session is over. */
  left(client: Client, now: number): void {
    const last = this.#last.get(client);
    if (last !== undefined) last.endedAt ??= now;
  }
}
