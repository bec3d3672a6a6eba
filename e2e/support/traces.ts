/** Recorded editing traces in the directory CONCORD_TRACES; they are not part of the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { composeAll, OperationBuilder, type TextOperation } from '@concord/ot';

export interface Trace {
  readonly startContent?: string;
  readonly endContent: string;
  readonly txns: readonly Transaction[];
}

interface Transaction {
  readonly agent?: number;
  /** Indices of the parent transactions, in concurrent recordings. */
  readonly parents?: readonly number[];
  readonly patches: readonly (readonly [position: number, deleted: number, inserted: string])[];
}

const directory =
  process.env['CONCORD_TRACES'] ?? join(import.meta.dirname, '../../../shared/traces');

export const hasTraces = existsSync(directory);

export function readTrace(name: string): Trace {
  const file = join(directory, `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace;
}

/** Composes the patches of a transaction, which apply one after the other. */
export function operationOf({ patches }: Transaction): TextOperation {
  return composeAll(
    patches.map(([position, deleted, inserted]) =>
      new OperationBuilder().retain(position).insert(inserted).delete(deleted).build(),
    ),
  );
}

/** For every transaction, how many transactions of each of two agents precede it, itself included. */
export function knowledgeOf(trace: Trace): readonly (readonly [number, number])[] {
  const known: [number, number][] = [];
  for (const { agent = 0, parents = [] } of trace.txns) {
    const own: [number, number] = [0, 0];
    for (const parent of parents) {
      own[0] = Math.max(own[0], known[parent]?.[0] ?? 0);
      own[1] = Math.max(own[1], known[parent]?.[1] ?? 0);
    }
    own[agent === 0 ? 0 : 1] += 1;
    known.push(own);
  }
  return known;
}
