/**
 * Moves everything to another store, while no server runs: copy, compare record by record, rebuild every document in both
 * and compare its text. Servers refuse the destination until all of it is done, and the former place from then on; the
 * history keeps its id, so that clients with unsent edits go on.
 */
import { verifyDocument, type DocumentVerdict } from '../verify/verify.ts';
import type { Store } from '../../store/ports/store.ts';
import {
  copyStore,
  differences,
  sentenceOf,
  type TransferPlace,
} from '../../store/transfer/copy.ts';
import { MigrationError } from './migration-error.ts';
import { openDestination, openOrigin, type Destination, type Origin, type Place, type Warn } from './places.ts'; // prettier-ignore

/** Sentences about what differs that are told. */
const TOLD = 20;

export interface Migrated {
  readonly documents: number;
  readonly operations: number;
  /** Copied by this attempt; fewer than there are when it went on with a former one. */
  readonly records: number;
}

export interface MigrationOptions {
  readonly from: Place;
  readonly to: Place;
  /** Told how far it is, in words; often. */
  readonly progress: (words: string) => void;
  readonly warn: Warn;
}

/** Rejects with {@link MigrationError}, StoreOpenError or DatabaseOpenError. Run again, it goes on. */
export async function migrate({ from, to, progress, warn }: MigrationOptions): Promise<Migrated> {
  const origin = await openOrigin(from, warn);
  try {
    const destination = await openDestination(to, `history ${origin.source.historyId}`, warn);
    try {
      return await move(origin, destination, { to, progress });
    } finally {
      await destination.close();
    }
  } finally {
    await origin.close();
  }
}

async function move(
  origin: Origin,
  destination: Destination,
  { to, progress }: Pick<MigrationOptions, 'to' | 'progress'>,
): Promise<Migrated> {
  const { source, store } = origin;
  const from = destination.place === null ? null : (JSON.parse(destination.place) as TransferPlace);
  if (from !== null) progress(`Going on with ${from.section}`);
  const records = destination.isWritten
    ? 0
    : await copyStore(source, destination, {
        from,
        reached: (place) => destination.reached(JSON.stringify(place)),
        progress: (done) => progress(`Copying ${done.section}: ${done.records} records`),
      });
  await compare(source, destination, progress);
  let documents = 0;
  let operations = 0;
  await destination.finish(source.historyId, async (moved) => {
    const ids = await store.documents.ids();
    const faults: string[] = [];
    for (const id of ids) {
      const [expected, found] = [await verifyDocument(store, id), await verifyDocument(moved, id)];
      faults.push(...faultsOf(expected, found));
      documents += 1;
      operations += found.version;
      progress(`Comparing texts: ${documents} of ${ids.length} documents`);
    }
    const count = await countOf(moved);
    if (count !== ids.length) faults.push(`${ids.length} documents were to be moved, ${count} are there.`); // prettier-ignore
    if (faults.length > 0) throw incomplete(faults);
    // Before servers may use the destination: at no moment both are served. Run again, a migration that stops here goes on.
    await origin.markMoved(to);
  });
  return { documents, operations, records };
}

const countOf = async (store: Store): Promise<number> => (await store.documents.ids()).length;

async function compare(
  source: Origin['source'],
  destination: Destination,
  progress: (words: string) => void,
): Promise<void> {
  const faults: string[] = [];
  const doing = ({ section, records }: { section: string; records: number }): void =>
    progress(`Comparing ${section}: ${records} records`);
  for await (const difference of differences(source, destination.source(), doing)) {
    faults.push(sentenceOf(difference));
    if (faults.length > TOLD) break;
  }
  if (faults.length > 0) throw incomplete(faults);
}

function faultsOf(expected: DocumentVerdict, found: DocumentVerdict): readonly string[] {
  const { documentId } = expected;
  const faults = [...new Set([...expected.faults, ...found.faults])];
  const named = faults.map((fault) => `Document ${documentId}: ${fault}`);
  const isSame =
    expected.version === found.version &&
    expected.lengthCodePoints === found.lengthCodePoints &&
    expected.checksum === found.checksum;
  if (isSame) return named;
  const of = ({ version, lengthCodePoints, checksum }: DocumentVerdict): string =>
    `version ${version}, ${lengthCodePoints} characters, checksum ${checksum.toString(16)}`;
  return [...named, `Document ${documentId} was ${of(expected)}; moved it is ${of(found)}.`];
}

function incomplete(faults: readonly string[]): MigrationError {
  const told = faults.slice(0, TOLD);
  const more = faults.length > told.length ? ['… and more'] : [];
  return new MigrationError(
    [
      ...told,
      ...more,
      'The migration is not complete: servers refuse the destination, and what was to be moved is unchanged. ' +
        'If it was changed meanwhile (a server ran on it), empty the destination and run this again; ' +
        'else run concord verify on it, and repair what that names.',
    ].join('\n'),
  );
}
