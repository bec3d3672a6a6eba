/** Stored answers for idempotency keys, encrypted because some contain the address of a share link or a token. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { BegunRequest, KeptAnswer, KeptWrite } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';

/** How long an answer is kept, and a key means the same request. */
export const KEPT_ANSWER_MS = 24 * 60 * 60 * 1_000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class KeptAnswers {
  readonly #store: Pick<Store, 'keptAnswers'>;
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  /** @param secret 32 bytes */
  constructor(store: Pick<Store, 'keptAnswers'>, secret: Uint8Array, now: () => number = Date.now) {
    this.#store = store;
    this.#secret = secret;
    this.#now = now;
  }

  /** Keyed hash of users, keys and requests, so that the store does not reveal their content. */
  hash(...parts: readonly (string | Uint8Array)[]): string {
    const hmac = createHmac('sha256', this.#secret);
    // Length-prefixed, so that different lists of parts never hash the same bytes.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)} `).update(part);
    return hmac.digest('hex');
  }

  /** The answer under a key of {@link hash}, and the hash of the request that got it. Null for none, or too old a one. */
  async get(key: string): Promise<{ requestHash: string; answer: Answer } | null> {
    const kept = await this.#store.keptAnswers.get(key);
    if (kept === null || kept.at <= this.#now() - KEPT_ANSWER_MS) return null;
    const { requestHash, status, headers } = kept;
    return { requestHash, answer: { status, headers, body: this.#decrypt(key, kept.body) } };
  }

  /**
   * Remembers durably that a request is begun. Resolves with the newer of it and the one under the key, as long as
   * that one still counts: a request of a process that was killed, which may have been done.
   */
  begin(key: string, requestHash: string): Promise<BegunRequest> {
    const at = this.#now();
    return this.#store.keptAnswers.begin(key, { requestHash, at }, at - KEPT_ANSWER_MS);
  }

  async put(key: string, { requestHash, at }: BegunRequest, answer: Answer): Promise<void> {
    await this.#store.keptAnswers.put(key, this.#sealed(key, { requestHash, at }, answer));
  }

  /** The answer as a write of the store keeps it in its own transaction. */
  keptWrite(key: string, request: BegunRequest, answer: Answer): KeptWrite {
    return { key, answer: this.#sealed(key, request, answer) };
  }

  #sealed(key: string, { requestHash, at }: BegunRequest, answer: Answer): KeptAnswer {
    const { status, headers } = answer;
    return { requestHash, status, headers, body: this.#encrypt(key, answer.body), at };
  }

  /** AES-256-GCM, bound to its key: moved to another row it cannot be read. */
  #encrypt(key: string, text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#secret, nonce).setAAD(Buffer.from(key));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64');
  }

  #decrypt(key: string, kept: string): string {
    const bytes = Buffer.from(kept, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#secret, bytes.subarray(0, 12))
      .setAAD(Buffer.from(key))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}
