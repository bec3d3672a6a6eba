/** Small files beside the database, each under a checksum of its own. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** Result of reading such a file. */
export type Kept = Buffer | 'missing' | 'damaged';

/** @param magic the first bytes of such a file */
export function readChecked(path: string, magic: string): Kept {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return 'missing';
    throw error;
  }
  const end = bytes.length - 4;
  if (end < magic.length || bytes.toString('latin1', 0, magic.length) !== magic) return 'damaged';
  const content = bytes.subarray(0, end);
  return bytes.readUInt32LE(end) === crc32(content) ? content.subarray(magic.length) : 'damaged';
}

export function checked(magic: string, content: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.from(magic, 'latin1'), content, Buffer.alloc(4)]);
  const end = bytes.length - 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

/** Replaces a file atomically and durably. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  syncDirectory(dirname(path));
}

/** Entries of a directory survive a power loss once it was synced. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
