/** Runs a load balancer with its configuration of deploy/ as a real program, on loopback, in front of given nodes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, chmodSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from './server.ts';

export const balancerNames = ['nginx', 'haproxy'] as const;
export type BalancerName = (typeof balancerNames)[number];

const READY_WITHIN_MS = 60_000;

/** The program, or null. Debian has both where the PATH of people does not look. */
export function programOf(name: BalancerName): string | null {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const isProgram = (path: string): boolean => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

export class LoadBalancer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #remove: () => void;

  private constructor(url: string, child: ChildProcess, ended: Promise<void>, remove: () => void) {
    this.url = url;
    this.#child = child;
    this.#ended = ended;
    this.#remove = remove;
  }

  /** @param ports of the two nodes, on loopback */
  static async start(name: BalancerName, ports: readonly [number, number]): Promise<LoadBalancer> {
    const program = programOf(name);
    if (program === null) throw new Error(`${name} is not on PATH.`);
    const { path, remove } = temporaryDirectory();
    // The workers of an nginx that is started by root run as another user.
    chmodSync(path, 0o755);
    const port = await freePort();
    const file = join(path, name === 'nginx' ? 'nginx.conf' : 'haproxy.cfg');
    writeFileSync(file, configuration(name, { port, ports, path }));
    const args =
      name === 'nginx'
        ? ['-p', path, '-e', 'stderr', '-c', file, '-g', 'daemon off;']
        : ['-db', '-f', file];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data) => (said += String(data)));
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    const url = `http://127.0.0.1:${port}`;
    for (const until = Date.now() + READY_WITHIN_MS; !(await isReady(url));) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`${name}: ${said}`);
      await sleep(50);
    }
    return new LoadBalancer(url, child, ended, remove);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
    this.#remove();
  }
}

/** The file of deploy/, with nothing changed but addresses, and the directory of temporary files. */
function configuration(
  name: BalancerName,
  at: { readonly port: number; readonly ports: readonly [number, number]; readonly path: string },
): string {
  const file = name === 'nginx' ? 'nginx.conf' : 'haproxy.cfg';
  const shipped = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  const replace = (text: string, from: RegExp, to: string): string => {
    if (!from.test(text)) throw new Error(`${file} has no ${String(from)}`);
    return text.replace(from, to);
  };
  const [first, second] = at.ports;
  let text = replace(shipped, /(listen |bind :)8080/, `$1${at.port}`);
  text = text.replace('bind :', 'bind 127.0.0.1:').replace('listen ', 'listen 127.0.0.1:');
  text = replace(text, /concord-1:8080/g, `127.0.0.1:${first}`);
  text = replace(text, /concord-2:8080/g, `127.0.0.1:${second}`);
  text = replace(text, /^.*concord-3:8080.*\n/gm, '');
  return name === 'nginx' ? replace(text, /\/tmp\//g, `${at.path}/`) : text;
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/livez`).catch(() => null);
  return response?.ok === true;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
