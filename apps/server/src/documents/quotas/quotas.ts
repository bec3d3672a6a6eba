/**
 * How much one person, and one address, may put on the server's disk.
 *
 * Of a person everything counts that is still there: documents they created, the trash included, and what their
 * writing cost in any document. The store keeps it per document, so that purging a document frees it.
 * What is written now is counted here at once and in the store some seconds later: a crash forgets those seconds,
 * and no append waits for it. By day, persons and addresses have token buckets (byte-bucket.ts): they are kept in the
 * store likewise, so that neither another guest token nor a restart refills the one of an address.
 */
import type { DocumentId } from '@concord/protocol';
import type { Principal } from '../../access/principal.ts';
import { networkOf } from '../../platform/ip-network.ts';
import type { StorageRefusal } from '../core/document-messages.ts';
import type { StorageCharge, StorageDay, Store } from '../../store/ports/store.ts';
import type { PersonQuota, QuotaLimits } from '../../platform/config.ts';
import { ByteBuckets, type ByteRule } from './byte-bucket.ts';
import { quotaRefusal, refusalWhilePaused } from './storage-refusals.ts';

/** A writing person and their network. */
export interface Writer {
  readonly userId: string;
  readonly hasAccount: boolean;
  /** Address, IPv6 by /64 (platform/ip-network.ts). */
  readonly network: string;
}

export interface Used {
  readonly documents: number;
  readonly bytes: number;
}

const FLUSH_MS = 5_000;
/** By then every bucket is full again, however far it was overdrawn once. */
const DAYS_KEPT_MS = 2 * 24 * 60 * 60 * 1_000;
/** Totals read longer ago are read again: documents may have been deleted. */
const FRESH_MS = 15_000;
const PEOPLE_MAX = 20_000;
/** A twenty-fifth of the day's allowance of an address at once: minutes of writing do not take what a day may. */
const ADDRESS_AT_ONCE = 1 / 25;
const ACCOUNTS_OF_ADDRESS = 10;

interface Known {
  readonly used: Used;
  readonly readAt: number;
}

export interface QuotasOptions {
  readonly store: Pick<Store, 'usage' | 'room'>;
  readonly limits: QuotaLimits;
  readonly onError: (error: unknown) => void;
  /** Milliseconds since any moment. */
  readonly now?: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow?: () => number;
}

export class Quotas {
  readonly #options: QuotasOptions;
  readonly #now: () => number;
  readonly #wallNow: () => number;
  readonly #days: ByteBuckets;
  /** Totals as the store had them; longest unread first. */
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<void>>();
  /** Written since, not in the store yet, by author and document. */
  #charges = new Map<string, Map<DocumentId, number>>();
  /** On their way to the store. */
  #flushing = new Map<string, Map<DocumentId, number>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: QuotasOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#wallNow = options.wallNow ?? Date.now;
    this.#days = new ByteBuckets(this.#now);
  }

  /** Takes up the allowances by day of the run before. Rejects with StoreError. */
  async takeUp(): Promise<void> {
    const now = this.#wallNow();
    for (const { bucket, bytes, at } of await this.#options.store.usage.days()) {
      this.#days.putBack(bucket, bytes, Math.max(0, now - at));
    }
  }

  limitsOf(hasAccount: boolean): PersonQuota {
    return this.#options.limits[hasAccount ? 'account' : 'guest'];
  }

  /** Reads what the person has used, when that is not known lately. Rejects with StoreError. */
  async know(userId: string): Promise<void> {
    const known = this.#known.get(userId);
    if (known !== undefined && this.#now() - known.readAt < FRESH_MS) return;
    const reading = this.#reading.get(userId) ?? this.#read(userId);
    this.#reading.set(userId, reading);
    await reading;
  }

  /** Asks the store. Rejects with StoreError. */
  async usedBy(userId: string): Promise<Used> {
    const used = await this.#options.store.usage.of(userId);
    return { ...used, bytes: used.bytes + this.#uncounted(userId) };
  }

  /** Whether the writer may store something more now; null when so. What it will cost is not asked. */
  refusal(writer: Writer): StorageRefusal | null {
    const paused = refusalWhilePaused(this.#options.store.room.current());
    if (paused !== null) return paused;
    const { userId, hasAccount } = writer;
    const { bytes } = this.limitsOf(hasAccount);
    const known = this.#known.get(userId);
    if (known !== undefined && bytes !== null) {
      if (known.used.bytes + this.#uncounted(userId) >= bytes) return quotaRefusal('total');
    }
    for (const [key, rule, what] of this.#dayRules(writer)) {
      const waitMs = this.#days.waitMs(key, rule);
      if (waitMs > 0) return quotaRefusal(what, waitMs);
    }
    return null;
  }

  /** As {@link refusal}; when it is null, the cost is charged. For what is sent often: nothing is awaited. */
  admit(writer: Writer, documentId: DocumentId, cost: number): StorageRefusal | null {
    const refusal = this.refusal(writer);
    if (refusal === null) this.charge(writer, documentId, cost);
    void this.know(writer.userId).catch(this.#options.onError);
    return refusal;
  }

  charge(writer: Writer, documentId: DocumentId, cost: number): void {
    const { userId } = writer;
    for (const [key, rule] of this.#dayRules(writer)) this.#days.take(key, rule, cost);
    const own = this.#charges.get(userId) ?? new Map<DocumentId, number>();
    this.#charges.set(userId, own);
    own.set(documentId, (own.get(documentId) ?? 0) + cost);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is not in the store yet. Never rejects: what could not be written is tried again. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#flushing.size > 0 || this.#charges.size === 0) return;
    this.#flushing = this.#charges;
    this.#charges = new Map();
    const charges: StorageCharge[] = [];
    for (const [userId, own] of this.#flushing) {
      for (const [documentId, bytes] of own) charges.push({ userId, documentId, bytes });
    }
    const { usage } = this.#options.store;
    await usage.charge(charges).catch(this.#options.onError);
    await usage.keepDays(this.#changedDays(), this.#wallNow() - DAYS_KEPT_MS).catch(this.#options.onError); // prettier-ignore
    for (const { userId, bytes } of charges) {
      const known = this.#known.get(userId);
      if (known === undefined) continue;
      const used = { ...known.used, bytes: known.used.bytes + bytes };
      this.#known.set(userId, { ...known, used });
    }
    this.#flushing = new Map();
  }

  #changedDays(): readonly StorageDay[] {
    const offset = this.#wallNow() - this.#now();
    return this.#days
      .takeChanged()
      .map(({ key, bytes, at }) => ({ bucket: key, bytes, at: at + offset }));
  }

  async #read(userId: string): Promise<void> {
    try {
      const used = await this.#options.store.usage.of(userId);
      this.#known.delete(userId);
      this.#known.set(userId, { used, readAt: this.#now() });
      if (this.#known.size <= PEOPLE_MAX) return;
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        return;
      }
    } finally {
      this.#reading.delete(userId);
    }
  }

  #uncounted(userId: string): number {
    let bytes = 0;
    for (const charges of [this.#charges, this.#flushing]) {
      for (const cost of charges.get(userId)?.values() ?? []) bytes += cost;
    }
    return bytes;
  }

  #dayRules({ userId, hasAccount, network }: Writer): readonly DayRule[] {
    const person = this.limitsOf(hasAccount).bytesPerDay;
    const { addressBytesPerDay } = this.#options.limits;
    const times = hasAccount ? ACCOUNTS_OF_ADDRESS : 1;
    const address = addressBytesPerDay === null ? null : addressBytesPerDay * times;
    return [
      [`person ${userId}`, { perDay: person, atOnce: person ?? 0 }, 'day'],
      [
        `${hasAccount ? 'accounts' : 'guests'} of ${network}`,
        { perDay: address, atOnce: (address ?? 0) * ADDRESS_AT_ONCE },
        'address',
      ],
    ];
  }
}

type DayRule = readonly [key: string, rule: ByteRule, what: 'day' | 'address'];

/** @param address of the connection or request, never of a header that clients can forge */
export function writerOf(
  principal: Exclude<Principal, { kind: 'nobody' }>,
  address: string,
): Writer {
  const { kind, userId } = principal;
  return { userId, hasAccount: kind !== 'guest', network: networkOf(address) };
}
