/** What the parts of the contract suite share: a store that is opened anew for each test. */
import type { Batch, LoggedOperation, Store } from '../ports/store.ts';
import { documentId } from '../test-batches.ts';

export interface Scene {
  /** The store as it is open now; another object after `reopen`. */
  readonly store: Store;
  /** Closes the store and opens it again, with what it holds. */
  reopen(): Promise<void>;
}

export const plan = documentId('plan');
export const notes = documentId('notes');

export const append = (scene: Scene, batch: Batch): Promise<void> => scene.store.log.append(batch);

export const readAll = (scene: Scene, document = plan): Promise<readonly LoggedOperation[]> =>
  scene.store.log.read(document, 0, 1_000);
