/** Snapshots over HTTP, compressed as they are stored (A10). */
import { DocumentText } from '@concord/ot';
import { GUEST_TOKEN_FIELD, VERSION_HEADER, type DocumentId } from '@concord/protocol';
import type { Snapshot, SnapshotSource } from '../ports.ts';

export class HttpSnapshotSource implements SnapshotSource {
  readonly #origin: string;
  readonly #guestToken: string | undefined;

  /** @param origin of the server, without a slash at the end; '' for the page's own. */
  constructor(origin: string, guestToken?: string) {
    this.#origin = origin;
    this.#guestToken = guestToken;
  }

  async fetch(documentId: DocumentId, atLeastVersion: number): Promise<Snapshot> {
    const response = await fetch(
      `${this.#origin}/api/v1/documents/${documentId}/snapshot?atLeast=${atLeastVersion}`,
      {
        signal: AbortSignal.timeout(30_000),
        ...(this.#guestToken === undefined
          ? {}
          : { headers: { [GUEST_TOKEN_FIELD]: this.#guestToken } }),
      },
    );
    const version = Number(response.headers.get(VERSION_HEADER) ?? NaN);
    if (!response.ok || !Number.isSafeInteger(version)) {
      throw new Error(`The server answered the request for a snapshot with ${response.status}`);
    }
    return { version, text: DocumentText.from(await response.text()) };
  }
}
