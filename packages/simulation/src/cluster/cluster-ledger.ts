/** What the nodes promised, compared with what is committed. */
import { must } from '../invariant-error.ts';
import type { BatchRow, Entry } from './cluster-database.ts';
import type { Change } from './replica-set.ts';

interface LoggedDocument {
  readonly entries: Entry[];
  epoch: number;
  /** By client and number: the version. */
  readonly versions: Map<string, number>;
  readonly lastSeqs: Map<string, number>;
  /** The highest version that was acknowledged. */
  acknowledged: number;
  readonly withdrawn: Set<string>;
}

const nameOf = ({ client, seq }: Entry): string => `${client} ${seq}`;

export class ClusterLedger {
  readonly #documents = new Map<string, LoggedDocument>();
  /** Versions of all logs. */
  versions = 0;
  /** Nothing is under way: a read shows the whole log. */
  isAtRest = false;
  /** Leases prove nothing: a read before that may be old. */
  readonly #mayReadOld: boolean;

  constructor(mayReadOld: boolean) {
    this.#mayReadOld = mayReadOld;
  }

  entries(documentId: string): readonly Entry[] {
    return this.#document(documentId).entries;
  }

  /** A majority has it. */
  committed({ table, key, value }: Change): void {
    if (table !== 'log') return;
    const documentId = key.split('/', 1).join();
    const document = this.#document(documentId);
    const { firstVersion, epoch, entries } = value as BatchRow;
    const next = document.entries.length + 1;
    must(firstVersion === next, 'I3', () => `${key} was written where ${next} is next`);
    must(
      epoch >= document.epoch,
      'I3',
      () => `${key} is of epoch ${epoch}, after ${document.epoch}`,
    );
    document.epoch = epoch;
    for (const entry of entries) this.#logged(document, entry);
  }

  #logged(document: LoggedDocument, entry: Entry): void {
    document.entries.push(entry);
    this.versions++;
    const { client, seq } = entry;
    if (client === '') return;
    const name = nameOf(entry);
    must(!document.versions.has(name), 'I4', () => `${name} is in the log twice`);
    must(!document.withdrawn.has(name), 'I4', () => `${name} is in the log, and was given up`);
    const last = document.lastSeqs.get(client) ?? 0;
    must(seq > last, 'I4', () => `${name} is in the log after ${last}`);
    document.lastSeqs.set(client, seq);
    document.versions.set(name, document.entries.length);
  }

  acknowledged(documentId: string, entry: Entry, version: number): void {
    const document = this.#document(documentId);
    const logged = document.versions.get(nameOf(entry));
    const name = nameOf(entry);
    must(logged === version, 'I1', () => `${name} is acknowledged at ${version}, the log has it at ${logged}`); // prettier-ignore
    document.acknowledged = Math.max(document.acknowledged, version);
  }

  withdrawn(documentId: string, entry: Entry): void {
    const document = this.#document(documentId);
    const name = nameOf(entry);
    must(!document.versions.has(name), 'I4', () => `${name} was given up, and is in the log`);
    document.withdrawn.add(name);
  }

  /** A node answered a read with what it holds. */
  read(documentId: string, entries: readonly Entry[], node: string): void {
    const document = this.#document(documentId);
    const { length } = entries;
    const isPrefix = entries.every(
      (entry, index) =>
        nameOf(entry) === nameOf(document.entries[index] ?? { client: '?', seq: 0 }),
    );
    must(isPrefix, 'I2', () => `${node} shows what is not in the log: ${JSON.stringify(entries)}`);
    if (this.#mayReadOld && !this.isAtRest) return;
    const acknowledged = this.isAtRest ? document.entries.length : document.acknowledged;
    must(length >= acknowledged, 'I9', () => `${node} shows ${length} after ${acknowledged} was acknowledged`); // prettier-ignore
  }

  /** A node believes that another one has written a version. */
  fenced(documentId: string, own: BatchRow, row: BatchRow | null): void {
    const isForeign = row !== null && row.id !== own.id;
    must(isForeign, 'I9', () => `${own.id} gives ${documentId} up, since another wrote ${own.firstVersion}: none did`); // prettier-ignore
  }

  #document(documentId: string): LoggedDocument {
    const known = this.#documents.get(documentId);
    if (known !== undefined) return known;
    const document: LoggedDocument = {
      entries: [],
      epoch: 0,
      versions: new Map(),
      lastSeqs: new Map(),
      acknowledged: 0,
      withdrawn: new Set(),
    };
    this.#documents.set(documentId, document);
    return document;
  }
}
