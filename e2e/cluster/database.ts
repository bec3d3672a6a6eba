/** The database of a cluster under test, as a process that can be killed and suspended. */
import { mkdirSync } from 'node:fs';
import {
  findDatabase,
  freePort,
  startDatabase,
  type DatabaseKind,
  type RunningDatabase,
} from '../../scripts/mongodb/database.mjs';

export class TestDatabase {
  readonly name: string;
  readonly port: number;
  readonly #kind: DatabaseKind;
  readonly #directory: string;
  #running: RunningDatabase;

  /** Throws when no database can be had here. */
  static async start(directory: string): Promise<TestDatabase> {
    const found = findDatabase();
    if (found.reason !== undefined) throw new Error(`No database: ${found.reason}.`);
    mkdirSync(directory, { recursive: true });
    const running = await startDatabase(found.kind, directory, await freePort());
    return new TestDatabase(found.kind, found.name, directory, running);
  }

  private constructor(
    kind: DatabaseKind,
    name: string,
    directory: string,
    running: RunningDatabase,
  ) {
    this.name = name;
    this.port = running.port;
    this.#kind = kind;
    this.#directory = directory;
    this.#running = running;
  }

  /**
   * Of this very server, without looking for others of its replica set: they would tell its own port, past a link.
   * @param port of a link before it
   */
  url(port = this.port): string {
    return `mongodb://127.0.0.1:${port}/concord?directConnection=true`;
  }

  /** SIGKILL: what it did not write is lost. */
  kill(): Promise<void> {
    return this.#running.kill();
  }

  async restart(): Promise<void> {
    this.#running = await startDatabase(this.#kind, this.#directory, this.port);
  }

  suspend(): void {
    this.#running.signal('SIGSTOP');
  }

  resume(): void {
    this.#running.signal('SIGCONT');
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
