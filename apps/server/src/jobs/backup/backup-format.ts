/**
 * A backup is one gzip file of JSON lines, so that another kind of store can take it up, and a person can look into it
 * with `zcat`:
 *
 *   {"format":"concord-backup","version":1,"schema":5,"historyId":"…","createdAt":"…"}
 *   {"table":"documents","columns":["document","title",…]}      then its rows
 *   [1,"Plan",…]                                                 numbers, texts, null; bytes as {"bytes":"base64"},
 *                                                                or as {"utf8":"…"} where they are a text
 *   …
 *   {"end":true,"rows":1234,"sha256":"…"}                        of all lines before, each with its line feed
 *
 * `schema` is the number of steps that made the tables (store/sqlite/schema.ts). `document` is a key of the file alone:
 * table `document_keys` gives each its id. What is derived from the rest is not in it.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';

export const BACKUP_VERSION = 1;

export const headerSchema = z.object({
  format: z.literal('concord-backup'),
  version: z.number().int(),
  schema: z.number().int().min(1),
  historyId: z.string(),
  createdAt: z.string(),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
export type BackupTable = z.infer<typeof tableSchema>;

const bytesSchema = z.union([z.object({ bytes: z.string() }), z.object({ utf8: z.string() })]);
export const rowSchema = z.array(z.union([z.number(), z.string(), z.null(), bytesSchema]));
export type BackupValue = number | string | Uint8Array | null;

export const endSchema = z.object({
  end: z.literal(true),
  rows: z.number().int(),
  sha256: z.string(),
});

/** One plain sentence about a backup that cannot be made or used. */
export class BackupError extends Error {
  readonly code = 'backup';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Payloads of the log are JSON: as a text they are read, and compressed, far better than as base64. */
export function encodeBytes(bytes: Uint8Array): z.infer<typeof bytesSchema> {
  try {
    return { utf8: utf8.decode(bytes) };
  } catch {
    return { bytes: Buffer.from(bytes).toString('base64') };
  }
}

export function decodeValue(value: z.infer<typeof rowSchema>[number]): BackupValue {
  if (typeof value !== 'object' || value === null) return value;
  return 'utf8' in value ? Buffer.from(value.utf8) : Buffer.from(value.bytes, 'base64');
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
