/**
 * `concord migrate` as a person runs it: killed at any moment it goes on, and clients go on with their unsent edits. With
 * MongoDB: migrate.mongodb.test.ts.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate, movesWithPendingEdits } from '../support/migration.ts';
import { runProgram, temporaryDirectory, TestServer, verify } from '../support/server.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let data: string;
beforeEach(() => {
  directory = temporaryDirectory();
  data = join(directory.path, 'data');
});
afterEach(() => directory.remove());

it('a migration that is killed completes when it is run again, and a client goes on with what it had not sent', async () => {
  const to = join(directory.path, 'moved');
  await movesWithPendingEdits(data, `sqlite:${to}`, { CONCORD_DATA: to }, 16);
  expect(existsSync(join(to, 'migrating'))).toBe(false);
  expect(await verify(to)).toMatchObject({ code: 0 });
});

it('a server refuses the directory of a migration that was interrupted, and says what to do', async () => {
  const before = await TestServer.start({ dataDirectory: data });
  await before.createDocument({ text: 'one\n' });
  expect(await before.stop()).toBe(0);
  let to: string;
  // Again into another directory, when the signal of a machine that is busy came too late.
  let attempts = 0;
  do {
    attempts += 1;
    to = join(directory.path, `moved-${attempts}`);
    await migrate({ CONCORD_DATA: data }, `sqlite:${to}`, 0);
  } while (!existsSync(join(to, 'migrating')) || existsSync(join(to, 'concord.sqlite')));
  const refused = await runProgram([], { CONCORD_DATA: to, PORT: '0' });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/an interrupted concord migrate/) as unknown }); // prettier-ignore
  expect(await migrate({ CONCORD_DATA: data }, `sqlite:${to}`)).toMatchObject({ code: 0 });
});

it('without a destination, or into a place that has documents, one sentence says what is wrong', async () => {
  const before = await TestServer.start({ dataDirectory: data });
  expect(await before.stop()).toBe(0);
  const to = (where: string) => runProgram(['migrate', '--to', where], { CONCORD_DATA: data });
  expect(await to('somewhere')).toMatchObject({ code: 1, stderr: expect.stringMatching(/needs mongodb:\/\//) as unknown }); // prettier-ignore
  expect(await to(`sqlite:${data}`)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use|is not empty/) as unknown }); // prettier-ignore
  expect(await runProgram(['migrate'], { CONCORD_DATA: data })).toMatchObject({ code: 2 });
  const two = { CONCORD_DATA: data, CONCORD_MIGRATE_TO: 'sqlite:elsewhere' };
  expect(await runProgram(['migrate', '--to', 'sqlite:there'], two)).toMatchObject({ code: 1, stderr: expect.stringMatching(/has two destinations/) as unknown }); // prettier-ignore
});

it('a destination can be named without the command line, where a password would be seen, and the former place is closed', async () => {
  const before = await TestServer.start({ dataDirectory: data });
  await before.createDocument({ text: 'one\n' });
  expect(await before.stop()).toBe(0);
  // No server answers there; what is told comes before.
  const shown = await runProgram(['migrate', '--to', 'mongodb://ann:s3cret@127.0.0.1:1/notes'], { CONCORD_DATA: data }); // prettier-ignore
  expect(shown).toMatchObject({ code: 1, stderr: expect.stringMatching(/has a password in it.*Set CONCORD_MIGRATE_TO/) as unknown }); // prettier-ignore
  expect(shown.stderr).not.toContain('s3cret');
  const to = join(directory.path, 'moved');
  const file = join(directory.path, 'destination');
  writeFileSync(file, `sqlite:${to}\n`);
  const moved = await runProgram(['migrate'], {
    CONCORD_DATA: data,
    CONCORD_MIGRATE_TO_FILE: file,
  });
  expect(moved).toMatchObject({ code: 0, stdout: expect.stringMatching(/servers refuse it/) as unknown }); // prettier-ignore
  const refused = await runProgram([], { CONCORD_DATA: data, PORT: '0' });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/was moved to the data directory .* To come back to this one/);
  expect(await verify(data)).toMatchObject({ code: 0 });
});
