/**
 * The durable length of the write-ahead log as of the last commit: a file of 28 bytes, written after each commit
 * without a sync. It is never ahead of the log, so that a power loss raises no false alarm; after `kill -9` it is
 * exact. A log that ends before the mark has lost acknowledged commits.
 */
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { checked, readChecked } from './small-files.ts';
import type { LogPosition } from './wal-file.ts';

const MAGIC = 'CncdMark';
const SALT_BYTES = 8;

export class CommitMark {
  readonly #file: number;

  /** Reads the mark that a server left behind. */
  static read(path: string): LogPosition | 'missing' | 'damaged' {
    const kept = readChecked(path, MAGIC);
    if (typeof kept === 'string') return kept;
    if (kept.length !== SALT_BYTES + 4) return 'damaged';
    return {
      salts: kept.toString('hex', 0, SALT_BYTES),
      frames: kept.readUInt32LE(SALT_BYTES),
    };
  }

  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** @param isDurable whether the mark must survive a power loss; costs a sync */
  write({ salts, frames }: LogPosition, isDurable: boolean): void {
    const content = Buffer.alloc(SALT_BYTES + 4);
    content.write(salts, 'hex');
    content.writeUInt32LE(frames, SALT_BYTES);
    const bytes = checked(MAGIC, content);
    writeSync(this.#file, bytes, 0, bytes.length, 0);
    if (isDurable) fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
