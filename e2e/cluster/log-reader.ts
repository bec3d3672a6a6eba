/** Reads the database of a cluster beside its nodes: verifies logs, and tells which node owns what. */
import type { DocumentId } from '@concord/protocol';
import type { Store } from '@concord/server';

interface Verdict {
  readonly documentId: DocumentId;
  readonly version: number;
  readonly checksum: number;
  readonly faults: readonly string[];
}

const load = (path: string): Promise<unknown> =>
  import(new URL(path, import.meta.resolve('@concord/server')).href);

export class LogReader {
  readonly #store: Store;

  /** Rejects with DatabaseOpenError. */
  static async open(url: string): Promise<LogReader> {
    const { openMongoStore } = (await load('./store/mongodb/mongo-store.js')) as {
      openMongoStore: (url: string, options: { warn: () => void }) => Promise<Store>;
    };
    return new LogReader(await openMongoStore(url, { warn: () => undefined }));
  }

  private constructor(store: Store) {
    this.#store = store;
  }

  /** What `concord verify` finds, by document. */
  async verify(): Promise<ReadonlyMap<DocumentId, Verdict>> {
    const { verifyStore } = (await load('./jobs/verify/verify.js')) as {
      verifyStore: (store: Store) => AsyncIterable<Verdict>;
    };
    const verdicts = new Map<DocumentId, Verdict>();
    for await (const verdict of verifyStore(this.#store)) {
      verdicts.set(verdict.documentId, verdict);
    }
    return verdicts;
  }

  /** Those of the documents that the node of this name owns now. */
  async ownedBy(node: string, documents: readonly DocumentId[]): Promise<ReadonlySet<DocumentId>> {
    const { cluster } = this.#store;
    if (cluster === null) throw new Error('The store is of one server alone.');
    const { live } = await cluster.leases();
    const leaseIds = new Set(live.flatMap((lease) => (lease.node === node ? lease.leaseId : [])));
    const owners = await Promise.all(documents.map((id) => cluster.ownerOf(id)));
    return new Set(documents.filter((_, index) => leaseIds.has(owners[index]?.owner ?? '')));
  }

  /** Live nodes, and the owner of each document, as lines for a report. */
  async ownersOf(documents: readonly DocumentId[]): Promise<readonly string[]> {
    const { cluster } = this.#store;
    if (cluster === null) throw new Error('The store is of one server alone.');
    const { live } = await cluster.leases();
    const nodes = new Map(live.map(({ leaseId, node }) => [leaseId, node]));
    const owners = await Promise.all(documents.map((id) => cluster.ownerOf(id)));
    return [
      `members: ${live.map(({ node, isDraining }) => (isDraining ? `${node}, draining` : node)).join('; ')}`,
      ...documents.map((id, index) => {
        const row = owners[index];
        const owner = row?.owner ?? null;
        const by =
          owner === null ? 'nobody' : (nodes.get(owner) ?? `a lease that is over, ${owner}`);
        return `${id}: owned by ${by}, ${JSON.stringify(row)}`;
      }),
    ];
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
