/** Seeded randomness: each component has its own stream, so that draws of one never shift another's. */

/** Mixes a text into four 32-bit words. Source: bryc, "cyrb128" (public domain). */
function wordsOf(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ unit, 597399067);
    b = c ^ Math.imul(b ^ unit, 2869860233);
    c = d ^ Math.imul(c ^ unit, 951274213);
    d = a ^ Math.imul(d ^ unit, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/** The generator is sfc32 (Chris Doty-Humphrey, PractRand): fast, and without visible structure. */
export class Random {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(key: string) {
    this.#key = key;
    [this.#a, this.#b, this.#c, this.#counter] = wordsOf(key);
    for (let i = 0; i < 8; i++) this.next();
  }

  /** Derives a stream from the key and the label only, independent of draws so far. */
  fork(label: string): Random {
    return new Random(`${this.#key}/${label}`);
  }

  /** In [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }

  /** An integer in [min, max]. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }

  /** A value in the range with small ones more likely, as with latencies and pauses. */
  skewed(min: number, max: number): number {
    const drawn = this.next();
    return Math.round(min + (max - min) * drawn * drawn * drawn);
  }
}
