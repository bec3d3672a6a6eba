/** The mark of a database whose contents were moved: a row of `meta`. */
import { decided, type Collections } from '../collections.ts';
import { DatabaseOpenError } from '../database-open-error.ts';
import { movedSentence } from '../../transfer/moved.ts';
import { patiently } from './mongo-target.ts';

const MOVED = 'moved' as const;

export async function markDatabaseMoved({ meta }: Collections, to: string): Promise<void> {
  const moved = { $set: { to, at: new Date().toISOString() } };
  await patiently(() => meta.updateOne({ _id: MOVED }, moved, { upsert: true }));
}

/** Rejects with {@link DatabaseOpenError} for a database that was moved: for servers, and others that write. */
export async function requireDatabaseNotMoved({ meta }: Collections): Promise<void> {
  const row = await meta.findOne({ _id: MOVED }, decided);
  if (row === null) return;
  const { to = '', at = '' } = row;
  const undo = `run in mongosh: db.getSiblingDB('${meta.dbName}').meta.deleteOne({ _id: '${MOVED}' })`;
  throw new DatabaseOpenError(
    'databaseMoved',
    movedSentence(`What is in the database ${meta.dbName}`, { to, at }, undo),
  );
}
