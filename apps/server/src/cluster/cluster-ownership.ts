/** Ownership and documents of a node of a cluster, as the registry and the node see each other. */
import type { DocumentId } from '@concord/protocol';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import type {
  AcquireOptions,
  LeftDocument,
  Ownership,
  OwnershipTerm,
} from '../documents/ownership.ts';
import { StoreError, type DocumentRepository } from '../store/ports/store.ts';
import type { ClusterDocuments, ClusterNode } from './cluster-node.ts';

/** Until the server listens it is no member, and owns nothing. */
export class ClusterOwnership implements Ownership {
  readonly #documents: Pick<DocumentRepository, 'get'>;
  #node: Pick<ClusterNode, 'acquire' | 'closed' | 'mayAnswer'> | null = null;

  constructor(documents: Pick<DocumentRepository, 'get'>) {
    this.#documents = documents;
  }

  connect(node: Pick<ClusterNode, 'acquire' | 'closed' | 'mayAnswer'>): void {
    this.#node = node;
  }

  async acquire(documentId: DocumentId, options: AcquireOptions): Promise<OwnershipTerm | null> {
    if (this.#node === null) throw new StoreError('The server is starting.', false);
    // Anyone can make ids up: the database gets no row of an owner for those.
    if ((await this.#documents.get(documentId)) === null) return null;
    return this.#node.acquire(documentId, options);
  }

  release(documentId: DocumentId, { epoch }: OwnershipTerm, left: LeftDocument): void {
    this.#node?.closed(documentId, epoch, left.head, left.isClean);
  }

  mayAnswer(): boolean {
    return this.#node?.mayAnswer() ?? false;
  }
}

/**
 * Closing a document ends with {@link ClusterOwnership.release}. Its clients were sent away before that: they come to any
 * node a moment later, which sends them on to the next owner.
 */
export function clusterDocuments(
  registry: Pick<DocumentRegistry, 'close' | 'drop'>,
): ClusterDocuments {
  return {
    close: (documentId) => void registry.close(documentId),
    drop: (documentId) => registry.drop(documentId),
    released: () => {},
  };
}
