/** Runs the built server for tests, on loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CreateDocument, DocumentId, DocumentResource } from '@concord/protocol';

export const serverProgram = fileURLToPath(
  new URL('../../apps/server/dist/main.js', import.meta.url),
);

/** Settings without rate limits: test clients are faster than people. */
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

/** The environment without the Concord settings of the person who runs the tests. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CONCORD_') && name !== 'PORT' && name !== 'HOST',
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Runs a command of the program until it exits. */
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

  /** Standard output so far. */
  get stdout(): string {
    return this.#output().stdout;
  }

  /** Standard error so far: the log as JSON lines, and what Node prints. */
  get stderr(): string {
    return this.#output().stderr;
  }

  /** Resolves with the exit code; null if a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Sends a signal without waiting. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends SIGKILL and waits for the exit; nothing is flushed. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Sends SIGTERM. @returns the exit code */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  /** Creates a document as a new guest; anyone with its address may edit it. */
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

/** Runs `concord verify` on a data directory, which no server may use. */
export function verify(dataDirectory: string): Promise<Finished> {
  return runProgram(['verify'], { CONCORD_DATA: dataDirectory });
}

/** Seeded generator (Mulberry32) of integers in [0, limit), so that failures can be repeated. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
