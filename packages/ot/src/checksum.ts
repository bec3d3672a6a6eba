/** A fast, non-cryptographic checksum of a text, to notice that two replicas diverged (protocol.md rule 5). */

/**
 * FNV-1a over UTF-16 units, 32 bits, as an unsigned number.
 * Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm" (IETF draft).
 */
export function textChecksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
