import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeStore } from '../conformance/conformance.ts';
import { openSqliteStore } from './sqlite-store.ts';

const root = mkdtempSync(join(tmpdir(), 'concord-store-'));
afterAll(() => rmSync(root, { recursive: true }));

describeStore('the SQLite store', (place) => openSqliteStore(join(root, place), 0));
