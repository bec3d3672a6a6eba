/**
 * Signing keys of this installation and their rotation (docs/decisions/0010, Keys are replaced). One key per purpose
 * signs; former ones verify for as long as tokens that they signed may live.
 *
 *   rotate ──▶ the new key signs, the former verifies ──▶ its last token has expired ──▶ forgotten
 *   rotate, former keys at once ──▶ only the new key verifies; every session has ended
 *
 * They are in the store. Every server of a store looks there every {@link LOOK_EVERY_MS}, and when it is shown a key id
 * that it does not know.
 */
import { randomId } from '@concord/protocol';
import { FIRST_KEY_ID, type SigningKeyRecord } from '../store/ports/signing-key-store.ts';
import type { Store } from '../store/ports/store.ts';

/** Polling interval, and the longest delay until another server learns of a rotation. */
export const LOOK_EVERY_MS = 2_000;
/** Minimum interval of store reads for unknown key ids, however many are invented. */
const LOOK_PAUSE_MS = 500;
/** Another server may have signed with a key for a moment after it was retired, and by another clock. */
const SLACK_MS = 60_000;

const keyIdPattern = new RegExp(`^(?:${FIRST_KEY_ID}|[a-z2-7]{26})$`);

export interface SigningKey {
  readonly kid: string;
  /** 32 random bytes, of this purpose alone. */
  readonly value: Uint8Array;
}

/** The keys of one purpose. */
export interface KeyRing {
  /** The one that signs. */
  current(): SigningKey;
  /** All that verify, the one that signs first. */
  all(): readonly SigningKey[];
  /** The verifying key with this id; reads the store when it is unknown. Rejects with StoreError. */
  find(kid: string): Promise<SigningKey | null>;
  /** Resolves when the keys are those of the store, read after the call. Rejects with StoreError. */
  look(): Promise<void>;
}

/** Longest lifetime of tokens signed by the keys of each purpose, in milliseconds. */
export type KeyLives<P extends string> = Readonly<Record<P, number>>;

export interface SigningKeysOptions<P extends string> {
  readonly store: Pick<Store, 'signingKeys'>;
  readonly lives: KeyLives<P>;
  readonly now?: () => number;
}

export class SigningKeys<P extends string> {
  readonly #store: Pick<Store, 'signingKeys'>;
  readonly #lives: KeyLives<P>;
  readonly #purposes: readonly P[];
  readonly #now: () => number;
  #records: readonly SigningKeyRecord[] = [];
  #reads = 0;
  #newestRead = 0;
  #nextLook: Promise<void> | null = null;
  #lookedAt = -Infinity;

  private constructor({ store, lives, now = Date.now }: SigningKeysOptions<P>) {
    this.#store = store;
    this.#lives = lives;
    this.#purposes = Object.keys(lives) as P[];
    this.#now = now;
  }

  /** Makes the first key of each purpose that has none. Rejects with StoreError. */
  static async open<P extends string>(options: SigningKeysOptions<P>): Promise<SigningKeys<P>> {
    const keys = new SigningKeys(options);
    await keys.#store.signingKeys.begin(keys.#purposes, keys.#now());
    await keys.#read();
    return keys;
  }

  ring(purpose: P): KeyRing {
    return {
      current: () => this.#current(purpose),
      all: () => this.#all(purpose),
      find: (kid) => this.#find(purpose, kid),
      look: () => this.#look(),
    };
  }

  /**
   * A new key signs from now on, for each purpose. The former ones verify on, or, with `endsFormer`, are gone at once
   * and every session of an account with them. Resolves with the number of sessions that ended. Rejects with StoreError.
   */
  async rotate({ endsFormer }: { readonly endsFormer: boolean }): Promise<number> {
    const keys = this.#purposes.map((purpose) => ({ purpose, kid: randomId() }));
    const ended = await this.#store.signingKeys.rotate(keys, this.#now(), endsFormer);
    await this.#read();
    return ended;
  }

  /** Deletes the keys whose last token has expired. @param now of the retention time. Rejects with StoreError. */
  async forgetRetired(now: number): Promise<void> {
    for (const purpose of this.#purposes) {
      await this.#store.signingKeys.removeRetired(purpose, now - this.#livesMs(purpose));
    }
  }

  /** Polls the store until the returned function is called. */
  watch(onError: (error: unknown) => void): () => void {
    const timer = setInterval(() => void this.#look().catch(onError), LOOK_EVERY_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  #current(purpose: P): SigningKey {
    const key = this.#records.find((each) => each.purpose === purpose && each.retiredAt === null);
    if (key === undefined) throw new Error(`There is no key for ${purpose}.`);
    return key;
  }

  #all(purpose: P): readonly SigningKey[] {
    const retiredAfter = this.#now() - this.#livesMs(purpose);
    const current = this.#current(purpose);
    const former = this.#records.filter(
      (key) => key.purpose === purpose && key.retiredAt !== null && key.retiredAt > retiredAfter,
    );
    return [current, ...former];
  }

  async #find(purpose: P, kid: string): Promise<SigningKey | null> {
    if (!keyIdPattern.test(kid)) return null;
    const known = (): SigningKey | undefined => this.#all(purpose).find((key) => key.kid === kid);
    const key = known();
    if (key !== undefined) return key;
    // Deleted keys are unknown too, so that their tokens also cost a read.
    await this.#look();
    return known() ?? null;
  }

  #livesMs(purpose: P): number {
    return this.#lives[purpose] + SLACK_MS;
  }

  /** Coalesces the calls that come before the read starts. */
  #look(): Promise<void> {
    this.#nextLook ??= this.#pause().then(() => {
      this.#nextLook = null;
      return this.#read();
    });
    return this.#nextLook;
  }

  async #pause(): Promise<void> {
    const waitMs = this.#lookedAt + LOOK_PAUSE_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  async #read(): Promise<void> {
    this.#lookedAt = performance.now();
    const read = ++this.#reads;
    const records = await this.#store.signingKeys.list();
    // A late older answer must not restore replaced keys.
    if (read < this.#newestRead) return;
    this.#newestRead = read;
    this.#records = records;
  }
}
