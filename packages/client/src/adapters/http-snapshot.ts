/** Snapshots over HTTP, compressed as they are stored (cheap opening). */
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

/** How the one who asks says who it is, where no cookie does. */
export interface Identification {
  readonly guestToken?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

/** How often a request that the server puts off is sent again; the session tries it all anew after that. */
const RETRIES = 4;
/** A server that asks for more waits for people, not for programs. */
const RETRY_MAX_MS = 15_000;

/** For tests. */
export interface Waiting {
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
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
    // Without it the difference of the texts must do.
    const operation = await this.#operation(path, afterVersion, version).catch(() => null);
    return { version, text, ...about, operation };
  }

  /**
   * The text as it is now, where a snapshot may be some time old. Rejects with ServerRefusedError, or when it cannot
   * be had now.
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

  /** A crowd that opens a document at once is put off by the server, each to its time: they all get in. */
  async #get(path: string): Promise<Response> {
    for (let retries = 0; ; retries += 1) {
      const response = await this.#getAuthorized(path);
      const waitMs = retries < RETRIES ? putOffMs(response) : null;
      if (waitMs === null) return response;
      await response.body?.cancel();
      // Spread out: those who were told the same time would all come at once again.
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

/** How long the server asks to wait before the request is sent again; null for any other answer. */
function putOffMs({ status, headers }: Response): number | null {
  if (status !== 429 && status !== 503) return null;
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return seconds >= 0 && seconds * 1_000 <= RETRY_MAX_MS ? seconds * 1_000 : null;
}

/** Of an answer with a text. */
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
