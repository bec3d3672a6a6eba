/**
 * The lock of a data directory: two servers never share one. It is the lock of SQLite on an empty database file of
 * its own, because the main database is read by connections beside the one that writes. The operating system
 * releases it when the process ends, however it ends.
 *
 * POSIX drops a process's locks on a file when the process closes *any* descriptor of it. Therefore nothing but
 * SQLite, which takes care of that, may open this file.
 */
import { join } from 'node:path';
import Database from 'libsql';

export const LOCK_FILE = 'concord.lock';

/**
 * Returns the function that releases the lock. Throws SQLite's error with code `SQLITE_BUSY` while another server,
 * or another store of this process, holds it.
 */
export function lockDirectory(directory: string): () => void {
  const connection = new Database(join(directory, LOCK_FILE));
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    throw error;
  }
  return () => connection.close();
}
