/** Reads the database of a cluster beside its nodes: verifies logs, and tells who owns what. */
import type { DocumentId } from '@concord/protocol';
import type { ClusterStore, Store } from '@concord/server';

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
    const { verifyStore } = (await load('./commands/verify.js')) as {
      verifyStore: (store: Store) => AsyncIterable<Verdict>;
    };
    const verdicts = new Map<DocumentId, Verdict>();
    for await (const verdict of verifyStore(this.#store)) {
      verdicts.set(verdict.documentId, verdict);
    }
    return verdicts;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** The name of the node that owns each of the documents that have an owner. */
export async function owners(
  store: Pick<ClusterStore, 'leases' | 'ownerOf'>,
  documents: readonly DocumentId[],
): Promise<ReadonlyMap<DocumentId, string>> {
  const { live } = await store.leases();
  const names = new Map(live.map(({ leaseId, node }) => [leaseId, node]));
  const found = new Map<DocumentId, string>();
  for (const id of documents) {
    const { owner } = await store.ownerOf(id);
    const name = owner === null ? undefined : names.get(owner);
    if (name !== undefined) found.set(id, name);
  }
  return found;
}
