/**
 * Mutual exclusion between servers by rows that expire, such as of a request that must run once, or of a job that one
 * server at a time does. It keeps two from working at once as long as the holder renews in time; what must not be done
 * twice even then has another guarantee (a unique key, a compare-and-set).
 */
export interface Hold {
  /** Names who holds it, for `release` and for taking it again. */
  readonly holder: string;
  /** Told to others who want it. */
  readonly value: string;
  /** It ends so long after the write, by the clock of the database, unless it is taken again. */
  readonly forMs: number;
}

export interface Holds {
  /**
   * Takes what is free, what has expired, or what this holder has already, for longer. Null when it was taken, else the
   * value that it is held with. Rejects with StoreError; it may be held until it expires then.
   */
  take(name: string, hold: Hold): Promise<string | null>;
  /** Frees it if this holder has it. Never rejects: what is not released expires. */
  release(name: string, holder: string): Promise<void>;
}
