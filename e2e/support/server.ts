/** Servers for tests: the built program, on loopback, ended by its own pid. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CreateDocument, DocumentId, DocumentResource } from '@concord/protocol';

export const serverProgram = fileURLToPath(
  new URL('../../apps/server/dist/main.js', import.meta.url),
);

/** Clients of tests write faster, and ask more, than people. */
const UNLIMITED = {
  CONCORD_OPERATIONS_PER_SECOND: '1000000',
  CONCORD_OPERATIONS_BURST: '1000000',
  CONCORD_REQUESTS_PER_MINUTE: '10000000',
  CONCORD_GUEST_DOCUMENTS: 'unlimited',
  CONCORD_GUEST_MB: 'unlimited',
  CONCORD_GUEST_MB_PER_DAY: 'unlimited',
  CONCORD_ACCOUNT_MB_PER_DAY: 'unlimited',
  CONCORD_ADDRESS_MB_PER_DAY: 'unlimited',
};

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'concord-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The environment without what the person who runs the tests may have set. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CONCORD_') && name !== 'PORT' && name !== 'HOST',
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Runs the program to its end. */
export function runProgram(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Finished> {
  const child = spawn(process.execPath, [serverProgram, ...args], {
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output() })));
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => (stdout += String(data)));
  child.stderr?.on('data', (data) => (stderr += String(data)));
  return () => ({ stdout, stderr });
}

export class TestServer {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #output: () => { stdout: string; stderr: string };

  private constructor(
    child: ChildProcess,
    url: string,
    ended: Promise<number | null>,
    output: () => { stdout: string; stderr: string },
  ) {
    this.#child = child;
    this.url = url;
    this.#output = output;
    this.port = Number(new URL(url).port);
    this.#ended = ended;
  }

  /** @param options.port 0, the default, lets the system choose */
  static async start(options: {
    readonly dataDirectory: string;
    readonly port?: number;
    readonly environment?: NodeJS.ProcessEnv;
  }): Promise<TestServer> {
    if (!existsSync(serverProgram)) {
      throw new Error('The server is not built: run npm run build first.');
    }
    const child = spawn(process.execPath, [serverProgram], {
      env: cleanEnvironment({
        ...UNLIMITED,
        CONCORD_LOG_LEVEL: 'warn',
        ...options.environment,
        CONCORD_DATA: options.dataDirectory,
        PORT: String(options.port ?? 0),
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', () => {
        const ready = /Concord is ready: (\S+)/.exec(output().stdout);
        if (ready?.[1] !== undefined) resolve(ready[1].replace('localhost', '127.0.0.1'));
      });
      void ended.then((code) =>
        reject(new Error(`The server ended with ${code}: ${output().stderr}`)),
      );
    });
    return new TestServer(child, url, ended, output);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it printed so far, for whoever started it. */
  get stdout(): string {
    return this.#output().stdout;
  }

  /** What it logged so far: JSON lines, and whatever Node prints. */
  get stderr(): string {
    return this.#output().stderr;
  }

  /** Resolves with the exit code, however it ends. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Sends a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** `kill -9`: nothing is flushed, nothing is said. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends orderly; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  /** Of a guest nobody knows; whoever has its address may edit it. */
  async createDocument(body: CreateDocument = {}): Promise<DocumentResource> {
    const response = await fetch(`${this.url}/api/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anyone: 'editor', ...body }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()) as DocumentResource;
  }

  async readText(id: DocumentId): Promise<string> {
    const response = await fetch(`${this.url}/d/${id}.md`);
    if (!response.ok) throw new Error(await response.text());
    return response.text();
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  }
}

/** `concord verify` on a data directory that no server uses now. */
export function verify(dataDirectory: string): Promise<Finished> {
  return runProgram(['verify'], { CONCORD_DATA: dataDirectory });
}

/** A value below `limit`, by a small seeded generator (Mulberry32), so that a failure can be repeated. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
