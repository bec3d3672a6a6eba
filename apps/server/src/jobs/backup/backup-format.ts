/**
 * A backup is one gzip file of JSON lines, of the same form whatever store it is of, so that every store can be made out
 * of it (docs/decisions/0024-archives.md), and a person can look into it with `zcat`:
 *
 *   {"format":"concord-backup","version":2,"historyId":"…","createdAt":"…","isSnapshot":true}
 *   {"section":"people","fields":["userId","name"]}              then its records
 *   ["ann","Ann"]                                                 the values of the fields
 *   {"sectionEnd":"people","rows":1,"sha256":"…"}                of the lines of the records
 *   …
 *   {"end":true,"rows":1234,"sha256":"…"}                        of all lines before, each with its line feed
 *
 * Sections and their records are those of a transfer (store/ports/transfer-store.ts); bytes are base64. What is derived
 * from the rest is not in it. Version 1 (tables-format.ts) had the tables of SQLite, and is still restored.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';

export const BACKUP_VERSION = 2;

export const headerSchema = z.object({
  format: z.literal('concord-backup'),
  version: z.int(),
  historyId: z.string(),
  createdAt: z.string(),
  /** Whether everything is as it was at one moment; else each document is as it was at some moment of the backup. */
  isSnapshot: z.boolean().default(true),
  /** Of version 1: the number of steps that made the tables (store/sqlite/schema.ts). */
  schema: z.int().min(1).optional(),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const sectionSchema = z.object({ section: z.string(), fields: z.array(z.string()).min(1) });
export const sectionEndSchema = z.object({ sectionEnd: z.string(), rows: z.int(), sha256: z.string() }); // prettier-ignore

export const endSchema = z.object({
  end: z.literal(true),
  rows: z.int(),
  sha256: z.string(),
});

/** One plain sentence about a backup that cannot be made or used. */
export class BackupError extends Error {
  readonly code = 'backup';
}

/** Hashes the lines as they are written or read. */
export class LineHash {
  readonly #hash: Hash = createHash('sha256');

  add(line: string): void {
    this.#hash.update(line).update('\n');
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
