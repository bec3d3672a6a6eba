import type { ClientId, DocumentId, RenameId } from './client-messages.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 128 random bits as 26 characters of lower-case base32 (RFC 4648, no padding); the last holds 3 of them. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(17));
  bytes[16] = 0;
  let id = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5 && id.length < 26) {
      bits -= 5;
      id += ALPHABET[(value >> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return id;
}

export const randomDocumentId = (): DocumentId => randomId() as DocumentId;
export const randomClientId = (): ClientId => randomId() as ClientId;
export const randomRenameId = (): RenameId => randomId() as RenameId;
