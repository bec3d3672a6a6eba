/** Backup and restore of a running server; damaged and lost data, as an operator sees it. */
import { connectDocument } from '@concord/client/node';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProgram, temporaryDirectory, TestServer, verify } from '../support/server.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let data: string;
beforeEach(() => {
  directory = temporaryDirectory();
  data = join(directory.path, 'data');
});
afterEach(() => directory.remove());

const backup = (file: string) => runProgram(['backup', file], { CONCORD_DATA: data });

it('a backup made while two people type is a consistent snapshot, and its restore verifies', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  const { id } = await server.createDocument({ title: 'Typed' });
  const clients = [0, 1].map(() => connectDocument({ url: server.url, documentId: id }));
  await Promise.all(clients.map((client) => client.whenOpen()));
  let isTyping = true;
  const typing = clients.map(async (client, i) => {
    while (isTyping) {
      client.insert(0, i === 0 ? 'a' : 'b');
      await sleep(2);
    }
  });
  await sleep(300);
  const file = join(directory.path, 'a.backup.gz');
  const made = await backup(file);
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout).toMatch(/records, \d+ bytes, SHA-256/);
  // An existing file is never overwritten, and the server keeps serving.
  expect(await backup(file)).toMatchObject({ code: 1, stderr: expect.stringMatching(/exists already/) as unknown }); // prettier-ignore
  isTyping = false;
  await Promise.all(typing);
  await Promise.all(clients.map((client) => client.whenSynchronized()));
  const newest = await server.readText(id);
  for (const client of clients) await client.close();
  expect(await server.metric('concord_backup_last_success_timestamp_seconds')).toBeGreaterThan(0);
  expect(await server.stop()).toBe(0);

  const restored = join(directory.path, 'restored');
  const done = await runProgram(['restore', file], { CONCORD_DATA: restored });
  expect(done).toMatchObject({ code: 0 });
  expect(await verify(restored)).toMatchObject({ code: 0 });
  const again = await TestServer.start({ dataDirectory: restored });
  const text = await again.readText(id);
  expect(text.length).toBeGreaterThan(10);
  // All insertions are prepended, so the snapshot is no longer than the final text.
  expect(text.length).toBeLessThanOrEqual(newest.length);
  expect(text).toMatch(/^[ab]+$/);
  expect(await again.stop()).toBe(0);
});

it('a PUT based on a version that a restored backup does not have is refused with otherHistory', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  const { id } = await server.createDocument({ text: 'first\n' });
  const file = join(directory.path, 'a.backup.gz');
  expect(await backup(file)).toMatchObject({ code: 0 });
  const put = (origin: string, text: string, query: string, headers = {}): Promise<Response> =>
    fetch(`${origin}/d/${id}.md${query}`, { method: 'PUT', body: text, headers: { 'content-type': 'text/markdown', ...headers } }); // prettier-ignore
  const read = await fetch(`${server.url}/d/${id}.md`);
  const common = read.headers.get('etag') ?? '';
  expect((await put(server.url, 'first\nread by the program\n', `?base=${common}`)).status).toBe(
    204,
  );
  const known = (await fetch(`${server.url}/d/${id}.md`)).headers.get('etag') ?? '';
  expect(await server.stop()).toBe(0);

  const restored = join(directory.path, 'restored');
  expect(await runProgram(['restore', file], { CONCORD_DATA: restored })).toMatchObject({
    code: 0,
  });
  const again = await TestServer.start({ dataDirectory: restored });
  const ben = connectDocument({ url: again.url, documentId: id });
  await ben.whenOpen();
  // The restored history reuses the version number that the program knows, for another text.
  ben.insert(6, 'written since\n');
  await ben.whenSynchronized();
  expect(known.split('.')[0]).toBe(`"${ben.view.version}`);
  const edited = 'first\nread by the program\nand edited\n';
  const based = await put(again.url, edited, `?base=${known}`);
  expect([based.status, await based.json()]).toEqual([409, expect.objectContaining({ code: 'otherHistory' })]); // prettier-ignore
  expect((await put(again.url, edited, '', { 'if-match': known })).status).toBe(412);
  const unchanged = await fetch(`${again.url}/d/${id}.md`, { headers: { 'if-none-match': known } });
  expect([unchanged.status, await unchanged.text()]).toEqual([200, 'first\nwritten since\n']);
  // A version that both histories share is still a valid base.
  expect((await put(again.url, 'first, edited\n', `?base=${common}`)).status).toBe(204);
  expect(await again.readText(id)).toBe('first, edited\nwritten since\n');
  await ben.close();
  expect(await again.stop()).toBe(0);
});

it('a server killed during a backup leaves no partial file, and the next backup succeeds', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  for (let i = 0; i < 5; i += 1) await server.createDocument({ text: 'x'.repeat(200_000) });
  const file = join(directory.path, 'a.backup.gz');
  const ordered = backup(file);
  for (let waited = 0; waited < 5_000 && !readdirSync(directory.path).some((name) => name.startsWith('a.backup')); waited += 1) await sleep(1); // prettier-ignore
  await server.kill();
  const { code, stderr } = await ordered;
  // The backup may have completed just before the kill.
  if (existsSync(file)) expect(code).toBe(0);
  else expect([code, stderr]).toEqual([1, expect.stringMatching(/ended before|hang up|ECONNRESET|aborted|terminated/)]); // prettier-ignore
  const next = join(directory.path, 'b.backup.gz');
  expect(await backup(next)).toMatchObject({ code: 0 });
  const restored = join(directory.path, 'restored');
  expect(await runProgram(['restore', next], { CONCORD_DATA: restored })).toMatchObject({
    code: 0,
  });
});

it('the server makes scheduled backups in CONCORD_BACKUP_DIRECTORY', async () => {
  const backups = join(directory.path, 'backups');
  const server = await TestServer.start({
    dataDirectory: data,
    environment: { CONCORD_BACKUP_DIRECTORY: backups },
  });
  const made = (): string[] =>
    existsSync(backups) ? readdirSync(backups).filter((name) => name.endsWith('.gz')) : [];
  while (made().length === 0) await sleep(20);
  expect(made()[0]).toMatch(/^concord-.*\.backup\.gz$/);
  expect(await server.stop()).toBe(0);
});

it('a deleted write-ahead log is reported by log, metrics and verify, and the server still starts', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  const { id } = await server.createDocument({ text: 'lost' });
  await sleep(300);
  await server.kill();
  rmSync(join(data, 'concord.sqlite-wal'));
  const again = await TestServer.start({ dataDirectory: data });
  expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${again.url}/d/${id}.md`)).status).toBe(404);
  expect(await again.metric('concord_store_incidents\\{kind="lostCommits"\\}')).toBe(1);
  expect(again.stderr).toContain('Acknowledged changes were lost');
  expect(await again.stop()).toBe(0);
  const told = await verify(data);
  expect(told.code).toBe(1);
  expect(told.stdout).toMatch(
    /FAULTY {2}incidents\/.*Acknowledged changes were lost[^]*concord restore/,
  );
});

it('a data directory that is moved away makes the server exit before it acknowledges anything more', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  const { id } = await server.createDocument({ text: 'kept' });
  renameSync(data, join(directory.path, 'elsewhere'));
  expect(await server.ended).toBe(70);
  expect(server.stderr).toContain('removed or replaced while the server ran');
  const again = await TestServer.start({ dataDirectory: join(directory.path, 'elsewhere') });
  expect(await again.readText(id)).toBe('kept');
  expect(await again.stop()).toBe(0);
});

it('a damaged document is refused with words that help, and the others are served', async () => {
  const server = await TestServer.start({ dataDirectory: data });
  const marker = 'a text that is easily found in the file';
  const { id: bad } = await server.createDocument({ text: marker });
  const { id: good } = await server.createDocument({ text: 'good' });
  expect(await server.stop()).toBe(0);
  const path = join(data, 'concord.sqlite');
  const bytes = readFileSync(path);
  // In the log and in the search index alike.
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) bytes[at + 5] = 0x21; // prettier-ignore
  writeFileSync(path, bytes);
  const again = await TestServer.start({ dataDirectory: data });
  const refused = await fetch(`${again.url}/d/${bad}.md`);
  expect(refused.status).toBe(500);
  expect(await refused.text()).toMatch(/damaged on the server.*concord verify/);
  expect(await again.readText(good)).toBe('good');
  expect(await again.metric('concord_documents_damaged')).toBe(1);
  expect(await again.stop()).toBe(0);
  const told = await verify(data);
  expect(told.code).toBe(1);
  expect(told.stdout).toContain(`${bad}  FAULTY`);
  expect(told.stdout).toContain(`${good}  ok`);
});
