/** The mark of a data directory whose contents were moved: a small file that people can read, and delete. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { movedSentence } from '../transfer/moved.ts';
import { replaceFile } from './files/small-files.ts';
import { StoreOpenError } from './store-open-error.ts';

const MOVED_FILE = 'moved';

/** Durable when it returns. */
export function markFilesMoved(directory: string, to: string): void {
  replaceFile(join(directory, MOVED_FILE), Buffer.from(`${new Date().toISOString()}\n${to}\n`));
}

/** Throws {@link StoreOpenError} for a directory that was moved: for servers, and others that write. */
export function requireFilesNotMoved(directory: string): void {
  const path = join(resolve(directory), MOVED_FILE);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without a directory there is nothing that was moved; opening the store says what is wrong with it.
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw new StoreOpenError('dataDirectoryUnusable', `The file ${path} of the data directory cannot be read.`, { cause: error }); // prettier-ignore
  }
  const [at = '', to = ''] = content.split('\n');
  const store = `What is in the data directory ${resolve(directory)}`;
  throw new StoreOpenError(
    'dataDirectoryUnusable',
    movedSentence(store, { to, at }, `delete the file ${path}`),
  );
}
