/** `downloaded`: a `mongod` that is not on PATH (download-mongod.mjs). */
export type DatabaseKind = 'mongod' | 'secantusdb' | 'downloaded';

export interface RunningDatabase {
  /** Without the name of a database. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function freePort(): Promise<number>;
export function findDatabase():
  | { readonly kind: DatabaseKind; readonly name: string; readonly reason?: undefined }
  | { readonly kind?: undefined; readonly reason: string };
export function startDatabase(
  kind: DatabaseKind,
  directory: string,
  port: number,
): Promise<RunningDatabase>;
