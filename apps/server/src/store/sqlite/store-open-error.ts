/** Why a data directory could not be opened: one sentence for the administrator who starts the server. */
export class StoreOpenError extends Error {
  readonly code: StoreOpenErrorCode;
  constructor(code: StoreOpenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * `dataDirectoryUnusable`: it cannot be created or written, or holds files that Concord may not open.
 * `dataDirectoryInUse`: another process, usually another Concord server, has it open.
 */
export type StoreOpenErrorCode = 'dataDirectoryUnusable' | 'dataDirectoryInUse';
