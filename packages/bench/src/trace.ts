/** The recorded editing trace of a paper, keystroke by keystroke. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OperationBuilder, type TextOperation } from '@concord/ot';

const FILE = 'automerge-paper.json.gz';

interface Recording {
  readonly endContent: string;
  readonly txns: readonly {
    readonly patches: readonly (readonly [position: number, deleted: number, inserted: string])[];
  }[];
}

export interface Trace {
  readonly operations: readonly TextOperation[];
  readonly endText: string;
}

export function hasTrace(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** One operation per recorded edit; the text they start from is empty. */
export function readTrace(directory: string): Trace {
  const bytes = gunzipSync(readFileSync(join(directory, FILE)));
  const { txns, endContent } = JSON.parse(bytes.toString()) as Recording;
  const operations = txns.flatMap(({ patches }) =>
    patches.map(([position, deleted, inserted]) =>
      new OperationBuilder().retain(position).insert(inserted).delete(deleted).build(),
    ),
  );
  return { operations, endText: endContent };
}
