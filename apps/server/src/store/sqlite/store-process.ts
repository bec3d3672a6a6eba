/**
 * A process of its own for the tests of faults: `store-process.ts <data directory> <open | append>`.
 * Every line on its standard output is a JSON value.
 */
import { writeSync } from 'node:fs';
import { StoreError, type Store } from '../ports/store.ts';
import { batchOf, documentId } from '../test-batches.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreOpenError } from './store-open-error.ts';

export const DOCUMENTS = 8;
export const documentOf = (place: number) => documentId(`document-${place}-`);
/** Batches of different sizes, so that their edges fall everywhere in the pages of the file. */
export const operationsOf = (version: number): number => 1 + (version % 7) * 20;

/** What `append` prints: an append that resolved, and, after one was refused, how the store is then. */
export type Report =
  | { readonly appended: number; readonly head: number }
  | {
      readonly refused: string;
      readonly fatal: boolean;
      readonly laterRefused: string | null;
      readonly laterFatal: boolean;
      readonly head: number;
    };

// Synchronously: a line is out before the next append starts, whenever the process is killed.
const print = (value: unknown): void => void writeSync(1, `${JSON.stringify(value)}\n`);

/** Appends to several documents at once until something is refused. */
async function appendUntilRefused(store: Store): Promise<void> {
  const appendTo = async (place: number): Promise<never> => {
    const document = documentOf(place);
    for (let head = await store.log.headVersion(document); ;) {
      const batch = batchOf(document, head + 1, operationsOf(head));
      await store.log.append(batch);
      head += batch.operations.length;
      print({ appended: place, head } satisfies Report);
    }
  };
  const failed = await Promise.any(
    Array.from({ length: DOCUMENTS }, (_, place) => appendTo(place)).map((appending) =>
      appending.catch((error: unknown) => error),
    ),
  );
  const later: unknown = await store.people.setName('ann', 'Ann').catch((error: unknown) => error);
  print({
    refused: String(failed),
    fatal: failed instanceof StoreError && failed.fatal,
    laterRefused: later instanceof Error ? String(later) : null,
    laterFatal: later instanceof StoreError && later.fatal,
    head: await store.log.headVersion(documentOf(0)),
  } satisfies Report);
}

const [directory = '', task] = process.argv.slice(2);
if (task !== undefined) {
  try {
    const store = await openSqliteStore(directory);
    print('opened');
    if (task === 'append') await appendUntilRefused(store);
    await store.close();
  } catch (error) {
    print(error instanceof StoreOpenError ? error.code : String(error));
  }
}
