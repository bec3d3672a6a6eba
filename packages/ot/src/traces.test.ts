/// <reference types="node" />
/** Replays recorded editing traces, which are not part of the project, from the directory CONCORD_TRACES. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DocumentText } from './document-text.ts';
import { OperationBuilder } from './operation.ts';

interface Trace {
  readonly startContent: string;
  readonly endContent: string;
  readonly txns: readonly {
    readonly patches: readonly (readonly [position: number, deleted: number, inserted: string])[];
  }[];
}

const directory =
  process.env['CONCORD_TRACES'] ?? join(import.meta.dirname, '../../../../shared/traces');
const names = ['sveltecomponent', 'rustcode', 'friendsforever_flat', 'automerge-paper'];

describe('recorded editing, replayed edit by edit, ends in the recorded text', () => {
  for (const name of names) {
    const file = join(directory, `${name}.json.gz`);
    const found = existsSync(file);
    it.skipIf(!found)(found ? name : `${name} (skipped: no ${file})`, () => {
      const trace = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace;
      let text = DocumentText.from(trace.startContent);
      for (const { patches } of trace.txns) {
        for (const [position, deleted, inserted] of patches) {
          const operation = new OperationBuilder()
            .retain(position)
            .insert(inserted)
            .delete(deleted);
          text = text.apply(operation.build());
        }
      }
      expect(text.toString()).toBe(trace.endContent);
    });
  }
});
