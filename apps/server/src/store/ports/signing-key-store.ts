/** The part of the store port that keeps the keys by which what was given out is recognised (accounts/signing-keys.ts). */

/** `kid` of the key that an installation begins with, and of tokens from before keys had ids. */
export const FIRST_KEY_ID = 'first';

export interface SigningKeyRecord {
  /** What it signs. */
  readonly purpose: string;
  /** Unique within its purpose. */
  readonly kid: string;
  /** 32 random bytes. */
  readonly value: Uint8Array;
  readonly createdAt: number;
  /** When another one took its place; null for the one that signs. */
  readonly retiredAt: number | null;
}

export interface SigningKeyRepository {
  /** Newest first. */
  list(): Promise<readonly SigningKeyRecord[]>;
  /** Gives each purpose that has no key its first one: the secret of that name, with the id {@link FIRST_KEY_ID}. */
  begin(purposes: readonly string[], at: number): Promise<void>;
  /**
   * One write: makes these keys, which sign from now on, and retires those that signed. With `endsFormer` all others
   * of these purposes are deleted instead, and every session of an account ends. Resolves with the number of
   * sessions that ended.
   */
  rotate(
    keys: readonly { readonly purpose: string; readonly kid: string }[],
    at: number,
    endsFormer: boolean,
  ): Promise<number>;
  /** Deletes those of the purpose that were retired before. */
  removeRetired(purpose: string, before: number): Promise<void>;
}
