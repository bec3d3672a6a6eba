/** Snapshots over HTTP, compressed as they are stored (A10). */
import { DocumentText, type TextOperation } from '@concord/ot';
import {
  composedOperationSchema,
  GUEST_TOKEN_FIELD,
  VERSION_HEADER,
  type DocumentId,
} from '@concord/protocol';
import {
  ServerRefusedError,
  type Credentials,
  type Snapshot,
  type SnapshotSource,
} from '../ports.ts';

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

  async fetch(
    documentId: DocumentId,
    atLeastVersion: number,
    afterVersion: number | null,
  ): Promise<Snapshot> {
    const path = `/api/v1/documents/${documentId}`;
    const response = await this.#get(`${path}/snapshot?atLeast=${atLeastVersion}`);
    if (response.status === 403 || response.status === 404) {
      throw new ServerRefusedError(
        'notFound',
        'The document is not there any more, or not for you.',
      );
    }
    const version = Number(response.headers.get(VERSION_HEADER) ?? NaN);
    if (!response.ok || !Number.isSafeInteger(version)) {
      throw new Error(`The server answered the request for a snapshot with ${response.status}`);
    }
    const text = DocumentText.from(await response.text());
    if (afterVersion === null) return { version, text, operation: null };
    // Without it the difference of the texts must do.
    const operation = await this.#operation(path, afterVersion, version).catch(() => null);
    return { version, text, operation };
  }

  async #operation(path: string, after: number, through: number): Promise<TextOperation | null> {
    const response = await this.#get(`${path}/operation?after=${after}&through=${through}`);
    return response.ok ? composedOperationSchema.parse(await response.json()).op : null;
  }

  async #get(path: string): Promise<Response> {
    const response = await this.#getOnce(path);
    const { credentials } = this.#identification;
    if (response.status !== 401 || credentials?.expired === undefined) return response;
    credentials.expired();
    return this.#getOnce(path);
  }

  async #getOnce(path: string): Promise<Response> {
    const { guestToken, credentials } = this.#identification;
    const token = (await credentials?.token()) ?? null;
    return fetch(`${this.#origin}${path}`, {
      signal: AbortSignal.timeout(30_000),
      headers: {
        ...(guestToken === undefined ? {} : { [GUEST_TOKEN_FIELD]: guestToken }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
    });
  }
}
