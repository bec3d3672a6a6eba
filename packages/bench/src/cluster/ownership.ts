/** Reads in the database which node owns which document, and where the hash says that it should be. */
import { setTimeout as delay } from 'node:timers/promises';
import { LoadError } from '../load-client.ts';

interface Lease {
  readonly leaseId: string;
  readonly node: string;
  readonly weight: number;
  readonly isDraining: boolean;
}

/** What is used here of the built server, which its package does not export. */
interface ServerModules {
  readonly openMongoStore: (
    url: string,
    options: { readonly warn: () => void },
  ) => Promise<{
    readonly cluster: {
      leases(): Promise<{ readonly live: readonly Lease[] }>;
      ownerOf(id: string): Promise<{ readonly owner: string | null }>;
    };
    close(): Promise<void>;
  }>;
  readonly preferredMember: (id: string, members: readonly Lease[]) => Lease | null;
}

const part = async (path: string): Promise<object> =>
  (await import(new URL(path, import.meta.resolve('@concord/server')).href)) as object;

const POLL_MS = 200;
const PLACED_WITHIN_MS = 120_000;

export class Ownership {
  readonly #server: ServerModules;
  readonly #store: Awaited<ReturnType<ServerModules['openMongoStore']>>;

  static async open(url: string): Promise<Ownership> {
    const server = {
      ...(await part('./store/mongodb/mongo-store.js')),
      ...(await part('./cluster/core/rendezvous.js')),
    } as ServerModules;
    return new Ownership(server, await server.openMongoStore(url, { warn: () => undefined }));
  }

  private constructor(
    server: ServerModules,
    store: Awaited<ReturnType<ServerModules['openMongoStore']>>,
  ) {
    this.#server = server;
    this.#store = store;
  }

  /** Resolves with the node of each document as soon as so many nodes live and each document is where it should be. */
  async placed(documents: readonly string[], nodes: number): Promise<readonly string[]> {
    const until = performance.now() + PLACED_WITHIN_MS;
    for (;;) {
      const live = (await this.#store.cluster.leases()).live.filter((each) => !each.isDraining);
      if (live.length === nodes) {
        const owners = await Promise.all(documents.map((id) => this.#nodeOf(id, live)));
        const isPlaced = (owner: string, index: number): boolean =>
          owner === this.#server.preferredMember(documents[index] ?? '', live)?.node;
        if (owners.every(isPlaced)) return owners;
      }
      if (performance.now() > until) throw new LoadError('Documents are not where they should be');
      await delay(POLL_MS);
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #nodeOf(id: string, live: readonly Lease[]): Promise<string> {
    const { owner } = await this.#store.cluster.ownerOf(id);
    return live.find(({ leaseId }) => leaseId === owner)?.node ?? '';
  }
}
