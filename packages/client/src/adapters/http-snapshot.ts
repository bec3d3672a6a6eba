/** Snapshots over HTTP, compressed as they are stored (A10). */
import { DocumentText } from '@concord/ot';
import { GUEST_TOKEN_FIELD, VERSION_HEADER, type DocumentId } from '@concord/protocol';
import type { Credentials, Snapshot, SnapshotSource } from '../ports.ts';

/** How the one who asks says who it is, where no cookie does. */
export interface Identification {
  readonly guestToken?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

export class HttpSnapshotSource implements SnapshotSource {
  readonly #origin: string;
  readonly #identification: Identification;

  /** @param origin of the server, without a slash at the end; '' for the page's own. */
  constructor(origin: string, identification: Identification = {}) {
    this.#origin = origin;
    this.#identification = identification;
  }

  async fetch(documentId: DocumentId, atLeastVersion: number): Promise<Snapshot> {
    const { guestToken, credentials } = this.#identification;
    const token = (await credentials?.token()) ?? null;
    const response = await fetch(
      `${this.#origin}/api/v1/documents/${documentId}/snapshot?atLeast=${atLeastVersion}`,
      {
        signal: AbortSignal.timeout(30_000),
        headers: {
          ...(guestToken === undefined ? {} : { [GUEST_TOKEN_FIELD]: guestToken }),
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      },
    );
    const version = Number(response.headers.get(VERSION_HEADER) ?? NaN);
    if (!response.ok || !Number.isSafeInteger(version)) {
      throw new Error(`The server answered the request for a snapshot with ${response.status}`);
    }
    return { version, text: DocumentText.from(await response.text()) };
  }
}
