/**
 * Backups of version 1, which are read and no longer made: the tables of SQLite, as `schema` steps had made them.
 *
 *   {"format":"concord-backup","version":1,"schema":5,"historyId":"…","createdAt":"…"}
 *   {"table":"documents","columns":["document","title",…]}      then its rows
 *   [1,"Plan",…]                                                 numbers, texts, null; bytes as {"bytes":"base64"},
 *                                                                or as {"utf8":"…"} where they are a text
 *   {"end":true,"rows":1234,"sha256":"…"}                        of all lines before, each with its line feed
 *
 * `document` is a key of the file alone: table `document_keys` gives each its id.
 */
import { z } from 'zod';
import {
  BackupError,
  endSchema,
  headerSchema,
  LineHash,
  type BackupHeader,
} from './backup-format.ts';
import { linesOf } from './backup-lines.ts';

const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
export type BackupTable = z.infer<typeof tableSchema>;

const bytesSchema = z.union([z.object({ bytes: z.string() }), z.object({ utf8: z.string() })]);
const rowSchema = z.array(z.union([z.number(), z.string(), z.null(), bytesSchema]));
export type BackupValue = number | string | Uint8Array | null;

export interface ReadTables {
  readonly header: BackupHeader;
  readonly rows: number;
}

/** Reads all of it. Rejects when it is not whole, after what was visited until there. */
export async function readTables(
  file: string,
  visit: (table: BackupTable, values: readonly BackupValue[]) => void = () => {},
): Promise<ReadTables> {
  const hash = new LineHash();
  let header: BackupHeader | null = null;
  let table: BackupTable | null = null;
  let rows = 0;
  let isEnded = false;
  for await (const line of linesOf(file)) {
    if (isEnded) throw new BackupError(`${file} goes on behind its end.`);
    const value: unknown = JSON.parse(line);
    if (header === null) {
      header = headerSchema.parse(value);
    } else if (Array.isArray(value)) {
      if (table === null) throw new BackupError(`${file} has a row without its table.`);
      const values = rowSchema.parse(value).map(decodeValue);
      if (values.length !== table.columns.length) throw new BackupError(`${file} has a row of another table.`); // prettier-ignore
      rows += 1;
      visit(table, values);
    } else if (tableSchema.safeParse(value).success) {
      table = tableSchema.parse(value);
    } else {
      const end = endSchema.parse(value);
      if (end.rows !== rows || end.sha256 !== hash.digest()) throw damaged(file);
      isEnded = true;
      continue;
    }
    hash.add(line);
  }
  if (header === null || !isEnded) throw new BackupError(`${file} ends before its end.`);
  return { header, rows };
}

export const damaged = (file: string): BackupError =>
  new BackupError(
    `${file} is damaged: its content does not have the checksum it was written with.`,
  );

function decodeValue(value: z.infer<typeof rowSchema>[number]): BackupValue {
  if (typeof value !== 'object' || value === null) return value;
  return 'utf8' in value ? Buffer.from(value.utf8) : Buffer.from(value.bytes, 'base64');
}
