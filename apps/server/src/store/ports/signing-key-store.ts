/** The part of the store port for signing keys (accounts/signing-keys.ts). */

/** `kid` of the first key of an installation, and of tokens from before keys had ids. */
export const FIRST_KEY_ID = 'first';

export interface SigningKeyRecord {
  /** What it signs. */
  readonly purpose: string;
  /** Unique within its purpose. */
  readonly kid: string;
  /** 32 random bytes. */
  readonly value: Uint8Array;
  readonly createdAt: number;
  /** When it was replaced; null for the signing key. */
  readonly retiredAt: number | null;
}

export interface SigningKeyRepository {
  /** Newest first. */
  list(): Promise<readonly SigningKeyRecord[]>;
  /** Creates the first key of each purpose without one: the secret of that name, with the id {@link FIRST_KEY_ID}. */
  begin(purposes: readonly string[], at: number): Promise<void>;
  /**
   * In one write, adds these keys as the signing ones and retires their predecessors. With `endsFormer` all other keys
   * of these purposes are deleted instead, and all sessions end. Resolves to the number of ended sessions.
   */
  rotate(
    keys: readonly { readonly purpose: string; readonly kid: string }[],
    at: number,
    endsFormer: boolean,
  ): Promise<number>;
  /** Deletes those of the purpose that were retired before. */
  removeRetired(purpose: string, before: number): Promise<void>;
}
