/** A fast, non-cryptographic checksum of a text, to notice that two replicas diverged (docs/protocol.md#divergence). */

/** The prime of FNV; any odd number would do. */
const BASE = 0x01000193;

/**
 * A polynomial over UTF-16 units modulo 2^32, as an unsigned number.
 * Source: Karp, Rabin, "Efficient randomized pattern-matching algorithms" (1987). The checksum of two
 * texts one after the other follows from theirs, so that only new pieces of a long text are read.
 */
export function textChecksum(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, BASE) + text.charCodeAt(i) + 1) | 0;
  return sum >>> 0;
}

/** BASE to the power of a length. */
const powers: number[] = [1];

function power(length: number): number {
  for (let known = powers.length; known <= length; known++) {
    powers.push(Math.imul(powers[known - 1] ?? 1, BASE));
  }
  return powers[length] ?? 1;
}

/** The checksum of a text followed by another of `length` UTF-16 units; lengths are kept small. */
export function joinChecksums(first: number, second: number, length: number): number {
  return (Math.imul(first, power(length)) + second) >>> 0;
}
