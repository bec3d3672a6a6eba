/**
 * Where the right secret was given, so that attacks from elsewhere do not count there (platform/attempts.ts). A port as
 * the buckets are; forgetting a place is safe: it has the smaller bucket of a new one then, never none.
 */
import { LRUCache } from 'lru-cache';

export interface ProvenPlaces {
  /** Rejects with StoreError when a shared store cannot be asked. */
  has(place: string): Promise<boolean>;
  /** Never rejects. */
  add(place: string): Promise<void>;
}

const PLACES_MAX = 20_000;

/** Of one process, bounded by LRU eviction. */
export class ProcessProvenPlaces implements ProvenPlaces {
  readonly #places: LRUCache<string, true>;

  constructor(placesMax = PLACES_MAX) {
    this.#places = new LRUCache({ max: placesMax });
  }

  async has(place: string): Promise<boolean> {
    return this.#places.has(place);
  }

  async add(place: string): Promise<void> {
    this.#places.set(place, true);
  }

  /** For tests: what is kept in memory. */
  get size(): number {
    return this.#places.size;
  }
}

/** Of several servers: what this process knows is not asked for. */
export class NearProvenPlaces implements ProvenPlaces {
  readonly #near = new ProcessProvenPlaces();
  readonly #shared: ProvenPlaces;

  constructor(shared: ProvenPlaces) {
    this.#shared = shared;
  }

  async has(place: string): Promise<boolean> {
    if (await this.#near.has(place)) return true;
    const isProven = await this.#shared.has(place);
    if (isProven) await this.#near.add(place);
    return isProven;
  }

  async add(place: string): Promise<void> {
    await this.#near.add(place);
    await this.#shared.add(place);
  }
}
