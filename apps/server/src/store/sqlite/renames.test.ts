import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RenameId } from '@concord/protocol';
import { expect, it } from 'vitest';
import { documentId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { tableFaults } from './verify-tables.ts';

it('the renamings of a document leave with it: verify finds no rows of what does not exist', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'concord-renames-'));
  try {
    const store = await openSqliteStore(directory, 0);
    const plan = documentId('plan');
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    const renameId = 'r'.repeat(26) as RenameId;
    await store.documents.rename(plan, renameTo('Plan', { renameId }), 3);
    await store.documents.remove(plan);
    await store.close();
    expect(tableFaults(directory)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
