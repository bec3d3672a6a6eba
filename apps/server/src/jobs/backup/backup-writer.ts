/** Writes a backup of a store as a file, synced when it is complete. */
import { once } from 'node:events';
import { closeSync, createWriteStream, fsyncSync, openSync } from 'node:fs';
import { createGzip } from 'node:zlib';
import { recordSchemas, sectionNames, type AnyRecord, type TransferSource } from '../../store/ports/transfer-store.ts'; // prettier-ignore
import type { Backup, BackupProgress } from './back-up.ts';
import { BACKUP_VERSION, LineHash, type BackupHeader } from './backup-format.ts';

export interface WriteOptions {
  readonly isSnapshot: boolean;
  readonly isGivenUp: () => boolean;
  readonly progress: (progress: BackupProgress) => void;
}

/** @param partial must not exist */
export async function writeBackup(
  source: TransferSource,
  partial: string,
  { isSnapshot, isGivenUp, progress }: WriteOptions,
): Promise<Omit<Backup, 'file'>> {
  const packed = createGzip({ level: 4 });
  const output = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  const written = once(output, 'close');
  written.catch(() => undefined);
  packed.pipe(output);
  const hash = new LineHash();
  let lines: string[] = [];
  const put = (value: unknown): string => {
    const line = JSON.stringify(value);
    hash.add(line);
    lines.push(`${line}\n`);
    return line;
  };
  const flush = async (): Promise<void> => {
    const chunk = lines.join('');
    lines = [];
    if (!packed.write(chunk)) await Promise.race([once(packed, 'drain'), written]);
    if (output.errored !== null) throw output.errored;
  };
  try {
    const createdAt = new Date().toISOString();
    const { historyId } = source;
    put({ format: 'concord-backup', version: BACKUP_VERSION, historyId, createdAt, isSnapshot } satisfies BackupHeader); // prettier-ignore
    let rows = 0;
    for (const section of sectionNames) {
      const fields = Object.keys(recordSchemas[section].shape);
      put({ section, fields });
      const ofSection = new LineHash();
      const before = rows;
      for await (const page of source.pages(section, null)) {
        if (isGivenUp()) throw new Error('it was given up');
        for (const record of page as readonly AnyRecord[]) {
          const values = record as Readonly<Record<string, unknown>>;
          ofSection.add(put(fields.map((field) => values[field])));
        }
        rows += page.length;
        await flush();
        progress({ rows, bytes: output.bytesWritten, table: section });
      }
      put({ sectionEnd: section, rows: rows - before, sha256: ofSection.digest() });
    }
    const sha256 = hash.digest();
    lines.push(`${JSON.stringify({ end: true, rows, sha256 })}\n`);
    await flush();
    packed.end();
    await written;
    sync(partial);
    return { rows, bytes: output.bytesWritten, sha256 };
  } catch (error) {
    packed.unpipe(output);
    output.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
