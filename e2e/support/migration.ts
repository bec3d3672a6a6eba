/** `concord migrate` as a person runs it, killed while it works, and a client that has unsent edits meanwhile. */
import { connectDocument } from '@concord/client/node';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { cleanEnvironment, seededRandom, serverProgram, TestServer } from './server.ts';

/** Where the server of a test finds its store. */
export type Environment = Readonly<Record<'CONCORD_DATA', string>> & {
  readonly CONCORD_STORE?: string;
};

const DOCUMENTS = 13;
/** Of the only server, which a busy machine must not make lose its documents for a while. */
const LEASE_MS = '60000';

/**
 * Runs the migration.
 * @param killAfterMs it is killed so long after it has said how far it is, which it does when it has copied something
 * @returns its exit code, null when it was killed; and what it said
 */
export async function migrate(
  from: Environment,
  to: string,
  killAfterMs: number | null = null,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [serverProgram, 'migrate', '--to', to], {
    env: cleanEnvironment(from),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (data: string) => {
    if (said === '' && killAfterMs !== null) {
      void pause(killAfterMs).then(() => child.kill('SIGKILL'));
    }
    said += data;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said };
}

/** Moves everything: is killed on its way, and is run again. */
export async function migrateWithKill(from: Environment, to: string, seed: number): Promise<void> {
  const first = await migrate(from, to, seededRandom(seed)(200));
  const second = first.code === null ? await migrate(from, to) : first;
  // On a machine that is busy the signal may come when all is moved: then the destination is refused, as it is not empty.
  if (first.code === 0 || second.said.includes('is not empty')) return;
  expect(first.said).toMatch(/^Copying /);
  expect(second).toMatchObject({ code: 0, said: expect.stringMatching(/^Going on with |^Comparing /) as unknown }); // prettier-ignore
}

/**
 * Moves the store of a data directory while a client types offline, and serves the moved one at the same address.
 * @param seed of the moment at which the migration is killed
 */
export async function movesWithPendingEdits(
  data: string,
  to: string,
  after: Environment,
  seed: number,
): Promise<void> {
  const before = await TestServer.start({ dataDirectory: data });
  const { id } = await before.createDocument({ title: 'Moved', text: 'one\n' });
  const others = await Promise.all(
    Array.from({ length: DOCUMENTS - 1 }, (_, i) =>
      before.createDocument({ text: `text ${i}\n`.repeat(50) }),
    ),
  );
  const client = connectDocument({ url: before.url, documentId: id });
  await client.whenOpen();
  client.insert(0, 'sent ');
  await client.whenSynchronized();
  const { port } = before;
  expect(await before.stop()).toBe(0);
  // Typed while no server runs.
  client.insert(0, 'pending ');
  await migrateWithKill({ CONCORD_DATA: data }, to, seed);
  const { CONCORD_DATA: dataDirectory, ...store } = after;
  const environment = { ...store, CONCORD_NODE_LEASE_MS: LEASE_MS };
  const again = await TestServer.start({ dataDirectory, port, environment });
  await client.whenSynchronized();
  expect(client.text).toBe('pending sent one\n');
  expect(await again.readText(id)).toBe('pending sent one\n');
  client.insert(0, 'later ');
  await client.whenSynchronized();
  expect(await again.readText(id)).toBe('later pending sent one\n');
  for (const [i, other] of others.entries()) {
    expect(await again.readText(other.id)).toBe(`text ${i}\n`.repeat(50));
  }
  await client.close();
  expect(await again.stop()).toBe(0);
}
