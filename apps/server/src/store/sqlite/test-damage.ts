/** Damages the files of a data directory, for tests. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_FILE } from './open-database.ts';

export interface DatabasePage {
  /** The table or index it belongs to. */
  readonly owner: string;
  readonly page: number;
  readonly type: string;
}

/**
 * The pages of a database that is closed. Asked in a process of its own: statements keep a database open for as long
 * as their thread lives.
 */
export function pagesOf(directory: string): readonly DatabasePage[] {
  const program = `
    const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))});
    const rows = new Database(process.argv[1]).prepare('SELECT name, pagetype, pageno FROM dbstat').all();
    console.log(JSON.stringify(rows.map((r) => ({ owner: r.name, type: r.pagetype, page: r.pageno }))));`;
  const file = join(directory, DATABASE_FILE);
  const output = execFileSync(process.execPath, ['-e', program, file], { maxBuffer: 1 << 28 });
  return JSON.parse(output.toString()) as DatabasePage[];
}

/** Overwrites the beginning of a page with zeros. */
export function zeroPage(directory: string, page: number): void {
  const file = openSync(join(directory, DATABASE_FILE), 'r+');
  writeSync(file, Buffer.alloc(512), 0, 512, (page - 1) * 4096);
  closeSync(file);
}
