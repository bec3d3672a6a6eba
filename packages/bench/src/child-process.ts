/** Child processes of the benchmark: start, request and response, stop. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** Children that have not exited; killed when this process exits. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** A child that exited or did not answer. */
export class ChildError extends Error {
  readonly code = 'child';
}

export interface ChildOptions {
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a Node program with an IPC channel; it inherits standard error. */
export function startChild(script: string, options: ChildOptions = {}): ChildProcess {
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...options.environment },
    serialization: 'advanced',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The rest of the first line of standard output that begins with `prefix`. */
export function readyLine(child: ChildProcess, prefix: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(
      () => reject(new ChildError('A server did not start')),
      READY_TIMEOUT_MS,
    );
    child.once('exit', (code) => reject(new ChildError(`A server ended with ${code}`)));
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
      const line = output.split('\n').find((each) => each.startsWith(prefix));
      if (line === undefined || !output.includes('\n')) return;
      clearTimeout(timer);
      resolve(line.slice(prefix.length));
    });
  });
}

/** Sends a message; resolves with the next one for which `accept` returns something. */
export function ask<T>(
  child: ChildProcess,
  message: unknown,
  accept: (reply: unknown) => { readonly value: T } | null,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      child.off('message', receive);
      reject(new ChildError(`A process ended with ${code} while it was asked`));
    };
    const receive = (reply: unknown): void => {
      try {
        const accepted = accept(reply);
        if (accepted === null) return;
        resolve(accepted.value);
      } catch (error) {
        reject(error instanceof Error ? error : new ChildError(String(error)));
      }
      child.off('message', receive);
      child.off('exit', ended);
    };
    child.once('exit', ended);
    child.on('message', receive);
    child.send(message as object);
  });
}

/** Stops a child by signal, and by SIGKILL after a timeout. */
export async function stopChild(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
