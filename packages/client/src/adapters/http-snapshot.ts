/** Fetches snapshots over HTTP; the server sends them compressed as stored, which keeps opening cheap. */
import { DocumentText, type TextOperation } from '@concord/ot';
import {
  composedOperationSchema,
  formatHead,
  GUEST_TOKEN_FIELD,
  HEAD_HEADER,
  HISTORY_HEADER,
  parseHead,
  VERSION_HEADER,
  type DocumentId,
  type Head,
  type OperationIdentity,
} from '@concord/protocol';
import {
  ServerRefusedError,
  type Credentials,
  type Snapshot,
  type SnapshotSource,
} from '../ports.ts';

/** Identifies the client where no cookie does. */
export interface Identification {
  readonly guestToken?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

/** Retries of a deferred request (429 or 503 with Retry-After); after that the session starts over. */
const MAX_RETRIES = 4;
/** A longer Retry-After is not waited for: the request fails instead. */
const MAX_RETRY_AFTER_MS = 15_000;

/** Clock and randomness, replaced in tests. */
export interface Waiting {
  readonly sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

const waiting: Waiting = {
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

export class HttpSnapshotSource implements SnapshotSource {
  readonly #origin: string;
  readonly #identification: Identification;
  readonly #waiting: Waiting;

  /** @param origin of the server, without a slash at the end; '' for the page's own. */
  constructor(origin: string, identification: Identification = {}, wait = waiting) {
    this.#origin = origin;
    this.#identification = identification;
    this.#waiting = wait;
  }

  async fetch(
    documentId: DocumentId,
    atLeastVersion: number,
    afterVersion: number | null,
    head: Head | null = null,
  ): Promise<Snapshot> {
    const path = `/api/v1/documents/${documentId}`;
    const proof = head === null ? '' : `&head=${formatHead(head)}`;
    const response = await this.#get(`${path}/snapshot?atLeast=${atLeastVersion}${proof}`);
    const version = versionOf(response);
    const text = DocumentText.from(await response.text());
    const about = {
      historyId: response.headers.get(HISTORY_HEADER),
      head: identityOf(parseHead(response.headers.get(HEAD_HEADER) ?? ''), version),
    };
    if (afterVersion === null) return { version, text, ...about, operation: null };
    // Optional: without the operation the client diffs the two texts.
    const operation = await this.#operation(path, afterVersion, version).catch(() => null);
    return { version, text, ...about, operation };
  }

  /**
   * The current text, where a cached snapshot may be older. Rejects with ServerRefusedError, or with another error when
   * it is unavailable now.
   */
  async newest(documentId: DocumentId): Promise<Omit<Snapshot, 'operation'>> {
    const response = await this.#get(`/api/v1/documents/${documentId}/text`);
    const version = versionOf(response);
    const head = parseHead((response.headers.get('etag') ?? '').replaceAll('"', ''));
    const text = DocumentText.from(await response.text());
    const historyId = response.headers.get(HISTORY_HEADER);
    return { version, text, historyId, head: identityOf(head, version) };
  }

  async #operation(path: string, after: number, through: number): Promise<TextOperation | null> {
    const response = await this.#get(`${path}/operation?after=${after}&through=${through}`);
    return response.ok ? composedOperationSchema.parse(await response.json()).op : null;
  }

  /** GET with retries: when many clients open a document at once, the server defers some with Retry-After. */
  async #get(path: string): Promise<Response> {
    for (let retries = 0; ; retries += 1) {
      const response = await this.#getAuthorized(path);
      const waitMs = retries < MAX_RETRIES ? retryAfterMs(response) : null;
      if (waitMs === null) return response;
      await response.body?.cancel();
      // Jitter, so that clients with the same Retry-After do not retry in the same moment.
      await this.#waiting.sleep(waitMs * (1 + this.#waiting.random() / 2));
    }
  }

  async #getAuthorized(path: string): Promise<Response> {
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

/** Retry-After of a deferring response, in milliseconds; null for any other response. */
function retryAfterMs({ status, headers }: Response): number | null {
  if (status !== 429 && status !== 503) return null;
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return seconds >= 0 && seconds * 1_000 <= MAX_RETRY_AFTER_MS ? seconds * 1_000 : null;
}

/** The version header of a response that carries a text. */
function versionOf(response: Response): number {
  if (response.status === 403 || response.status === 404) {
    throw new ServerRefusedError('notFound', 'The document is not there any more, or not for you.');
  }
  const version = Number(response.headers.get(VERSION_HEADER) ?? NaN);
  if (!response.ok || !Number.isSafeInteger(version)) {
    throw new Error(`The server answered the request for a text with ${response.status}`);
  }
  return version;
}

function identityOf(head: Head | null, version: number): OperationIdentity | null {
  if (head?.version !== version) return null;
  const { clientId, seq, at } = head;
  return { clientId, seq, at };
}
