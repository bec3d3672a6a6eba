/** Why a database could not be opened: one sentence for the administrator who starts the server, without credentials. */
export class DatabaseOpenError extends Error {
  readonly code: DatabaseOpenErrorCode;
  constructor(code: DatabaseOpenErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * `databaseAddress`: the address is not one of MongoDB's.
 * `databaseUnreachable`: no server answers there.
 * `databaseCredentials`: the name or password is wrong, or may not do what is needed.
 * `databaseTooOld`: a server older than this program works with.
 * `databaseReadOnly`: no member accepts writes.
 * `databaseNewer`: the database was written by a newer version of Concord.
 * `databaseLocked`: another server is changing its schema.
 * `databaseNotEmpty`: it was to be filled by a transfer, but holds data.
 * `databaseIncomplete`: a transfer into it is not complete.
 * `databaseMoved`: its contents were moved to another place.
 */
export type DatabaseOpenErrorCode =
  | 'databaseAddress'
  | 'databaseUnreachable'
  | 'databaseCredentials'
  | 'databaseTooOld'
  | 'databaseReadOnly'
  | 'databaseNewer'
  | 'databaseLocked'
  | 'databaseNotEmpty'
  | 'databaseIncomplete'
  | 'databaseMoved';
