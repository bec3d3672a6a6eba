/**
 * What a client's report of a diverged text is worth. It names the checksum of its confirmed text, and the operation
 * that produced its version: only what can be compared with the log is proven, and only that raises the alarm
 * (docs/protocol.md, "Divergence"). The client is served a resync anyway.
 */
import type { JoinMessage } from '@concord/protocol';
import { isSameOperation, type OwnHistory } from './join-history.ts';

/** Checksums are sent once a second at most: a client that noticed something comes back within far less. */
const SENT_KEPT = 64;

/** The checksums that were sent to clients, by version: a report is about one of them. */
export class SentChecksums {
  /** Oldest first. */
  readonly #sent = new Map<number, number>();

  add(version: number, checksum: number): void {
    this.#sent.set(version, checksum);
    if (this.#sent.size <= SENT_KEPT) return;
    for (const oldest of this.#sent.keys()) {
      this.#sent.delete(oldest);
      return;
    }
  }

  at(version: number): number | undefined {
    return this.#sent.get(version);
  }
}

/**
 * Whether the text of a client differs from the log's, although both have the same history up to its version.
 * @param checksum of the log's text at the client's version; undefined when it is not known any more
 */
export function isProvenDivergence(
  { checksum: claimed, historyId, head }: JoinMessage,
  own: Pick<OwnHistory, 'historyId' | 'entry'>,
  checksum: number | undefined,
): boolean {
  if (claimed === undefined || checksum === undefined || claimed === checksum) return false;
  if (historyId !== own.historyId) return false;
  return head !== undefined && isSameOperation(head, own.entry);
}
