/** For tests: a ring of one key that stays. */
import { FIRST_KEY_ID } from '../store/ports/signing-key-store.ts';
import type { KeyRing } from './signing-keys.ts';

export function ringOf(value: Uint8Array, kid = FIRST_KEY_ID): KeyRing {
  const key = { kid, value };
  return {
    current: () => key,
    all: () => [key],
    find: async (wanted) => (wanted === kid ? key : null),
    look: async () => {},
  };
}
