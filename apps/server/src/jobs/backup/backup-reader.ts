/** Reads a backup, and proves that it is whole: by its count, its SHA-256 and gzip's own checksum. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import {
  BACKUP_VERSION,
  BackupError,
  decodeValue,
  endSchema,
  headerSchema,
  LineHash,
  rowSchema,
  tableSchema,
  type BackupHeader,
  type BackupTable,
  type BackupValue,
} from './backup-format.ts';

export interface BackupVisitor {
  header?(header: BackupHeader): void;
  table?(table: BackupTable): void;
  row?(table: BackupTable, values: readonly BackupValue[]): void;
}

export interface ReadBackup {
  readonly header: BackupHeader;
  readonly rows: number;
}

/** Reads all of it. Rejects with {@link BackupError} when it is not whole, after what was visited until there. */
export async function readBackup(file: string, visitor: BackupVisitor = {}): Promise<ReadBackup> {
  try {
    return await read(file, visitor);
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${file} is not a whole backup of Concord: ${reason}.`, { cause: error });
  }
}

async function read(file: string, visitor: BackupVisitor): Promise<ReadBackup> {
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
      if (header.version > BACKUP_VERSION) {
        throw new BackupError(
          `${file} was made by a newer version of Concord: restore it with that.`,
        );
      }
      visitor.header?.(header);
    } else if (Array.isArray(value)) {
      if (table === null) throw new BackupError(`${file} has a row without its table.`);
      const values = rowSchema.parse(value).map(decodeValue);
      if (values.length !== table.columns.length) throw new BackupError(`${file} has a row of another table.`); // prettier-ignore
      rows += 1;
      visitor.row?.(table, values);
    } else if (tableSchema.safeParse(value).success) {
      table = tableSchema.parse(value);
      visitor.table?.(table);
    } else {
      const end = endSchema.parse(value);
      const sha256 = hash.digest();
      if (end.rows !== rows || end.sha256 !== sha256) {
        throw new BackupError(`${file} is damaged: its content does not have the checksum it was written with.`); // prettier-ignore
      }
      isEnded = true;
      continue;
    }
    hash.add(line);
  }
  if (header === null || !isEnded) throw new BackupError(`${file} ends before its end.`);
  return { header, rows };
}

/** The lines of the unpacked file; what stands behind the last line feed is not a line. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const unpacked = createGunzip();
  // What fails ends the stream that is read below, with the error.
  pipeline(createReadStream(file), unpacked, () => {});
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of unpacked) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') throw new BackupError(`${file} ends in the middle of a line.`);
}
