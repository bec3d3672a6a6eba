/**
 * The keys by which this installation recognises what it gave out, and how they change (docs/decisions/0010, Keys are
 * replaced). Of each purpose one key signs; former ones verify for as long as something that they signed may live.
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

/** So late another server may notice that keys were replaced. */
export const LOOK_EVERY_MS = 2_000;
/** Unknown key ids cost no more reads of the store than one in this time, however many are invented. */
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
  /** The one of this id, if it verifies. Looks into the store when it is not known. Rejects with StoreError. */
  find(kid: string): Promise<SigningKey | null>;
  /** Resolves when the keys are those of the store, read after the call. Rejects with StoreError. */
  look(): Promise<void>;
}

/** For how long what the keys of each purpose sign may live, in milliseconds. */
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

  /** Looks into the store now and then, until the returned function is called. */
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
    // Dropped keys are unknown too: what they signed costs a look as well.
    await this.#look();
    return known() ?? null;
  }

  #livesMs(purpose: P): number {
    return this.#lives[purpose] + SLACK_MS;
  }

  /** Shared by all who ask before it begins. */
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
    // An older answer that comes late does not bring back what was replaced.
    if (read < this.#newestRead) return;
    this.#newestRead = read;
    this.#records = records;
  }
}
