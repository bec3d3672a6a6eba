/** An older backup is restored while people have newer texts: these are kept, and merged without duplicates. */
import { connectDocument } from '@concord/client/node';
import { expect, test } from '@playwright/test';
import type { DocumentId, DocumentResource } from '@concord/protocol';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { PersonAtPage } from '../support/people.ts';
import { runProgram, temporaryDirectory, TestServer } from '../support/server.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;
let data: string;
test.beforeEach(async () => {
  directory = temporaryDirectory();
  data = join(directory.path, 'data');
  server = await TestServer.start({ dataDirectory: data });
});
test.afterEach(async () => {
  await server.stop();
  directory.remove();
});

/** Backs up the running server. @returns stops the server, and restarts it from the restored backup */
async function backup(): Promise<() => Promise<void>> {
  const file = join(directory.path, 'a.backup.gz');
  expect(await runProgram(['backup', file], { CONCORD_DATA: data })).toMatchObject({ code: 0 });
  return async () => {
    await server.stop();
    const restored = join(directory.path, 'restored');
    expect(await runProgram(['restore', file], { CONCORD_DATA: restored })).toMatchObject({
      code: 0,
    });
    server = await TestServer.start({ dataDirectory: restored, port: server.port });
  };
}

/**
 * Copies the data directory while the server is stopped. Unlike a restored backup, the copy has the same history id.
 * @returns stops the server, and restarts it from the copy
 */
async function copyFiles(): Promise<() => Promise<void>> {
  const copied = join(directory.path, 'copied');
  await server.stop();
  cpSync(data, copied, { recursive: true });
  server = await TestServer.start({ dataDirectory: data, port: server.port });
  return async () => {
    await server.stop();
    server = await TestServer.start({ dataDirectory: copied, port: server.port });
  };
}

const numbered = (name: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${name} ${from + i}`);

/** Types the lines at the end of the text, with a pause in which each is sent or written to the device. */
async function writeLines(person: PersonAtPage, lines: readonly string[]): Promise<void> {
  await person.content.focus();
  await person.page.keyboard.press('Control+End');
  for (const line of lines) {
    await person.page.keyboard.type(`${line}\n`);
    await person.page.waitForTimeout(30);
  }
}

/** Another client writes until the server's version is above `beyond`. */
async function othersWrite(id: DocumentId, lines: readonly string[], beyond: number) {
  const other = connectDocument({ url: server.url, documentId: id });
  await other.whenOpen();
  for (let i = 0; i < lines.length || other.view.version <= beyond; i += 1) {
    const line = lines[i];
    if (line === undefined) {
      // Raises the version without changing the text.
      other.insert(0, ' ');
      await other.whenSynchronized();
      other.remove(0, 1);
    } else other.insert(other.text.length, `${line}\n`);
    await other.whenSynchronized();
  }
  await other.close();
}

const versionOf = async (person: PersonAtPage, id: DocumentId): Promise<number> =>
  (await person.request<DocumentResource>('GET', `/documents/${id}`)).version;

const banner = (person: PersonAtPage) =>
  person.page.getByRole('alert').filter({ hasText: 'The server went back to an older state' });

test('after a restore, pages keep their text, send nothing, and merge it on request: each line is there once', async ({
  browser,
}) => {
  const created = await server.createDocument({
    title: 'Plans',
    text: `${numbered('common', 1, 20).join('\n')}\n`,
  });
  const { id } = created;
  const address = server.url + created.url;
  const [ann, cleo, dora] = [
    await PersonAtPage.at(browser, address),
    await PersonAtPage.at(browser, address),
    await PersonAtPage.at(browser, address),
  ];
  for (const person of [ann, cleo, dora]) await expect(person.status).toHaveText('Saved');
  await ann.untilOnDevice();
  const restore = await backup();

  for (const [person, name] of [
    [ann, 'Ann'],
    [cleo, 'Cleo'],
    [dora, 'Dora'],
  ] as const) {
    // prettier-ignore
    await writeLines(person, numbered(name, 21, 24));
    await expect(person.status).toHaveText('Saved');
  }
  const all = ['Ann', 'Cleo', 'Dora'].flatMap((name) => numbered(name, 21, 24));
  for (const person of [ann, cleo, dora]) {
    for (const line of all) await expect(person.content).toContainText(line);
  }
  const known = await versionOf(ann, id);
  // Ann's page stays open, Cleo's is closed, and Dora has unsent edits.
  const elsewhere = await cleo.openTab(`${server.url}/sign-in`);
  await cleo.page.close();
  await dora.page.context().setOffline(true);
  await writeLines(dora, ['Dora unsent 25', 'Dora unsent 26']);
  await expect.poll(() => dora.keptEdits()).toBeGreaterThan(0);

  await restore();
  await othersWrite(id, numbered('Ben', 31, 35), known);

  await expect(banner(ann)).toBeVisible();
  for (const line of all) await expect(ann.content).toContainText(line);
  await expect(ann.content).toHaveAttribute('aria-readonly', 'true');
  const again = await elsewhere.openTab(address);
  await expect(banner(again)).toBeVisible();
  for (const line of all) await expect(again.content).toContainText(line);
  await dora.page.context().setOffline(false);
  await expect(banner(dora)).toBeVisible();
  for (const line of [...all, 'Dora unsent 25']) await expect(dora.content).toContainText(line);
  const before = await server.readText(id);
  expect(before.split('\n').filter((line) => /Ann|Cleo|Dora/.test(line))).toEqual([]);

  const expected = [...numbered('common', 1, 20), ...numbered('Ben', 31, 35), ...all];
  for (const [person, more] of [
    [ann, []],
    [again, []],
    [dora, ['Dora unsent 25', 'Dora unsent 26']],
  ] as const) {
    // prettier-ignore
    await person.page.getByRole('button', { name: 'Merge my copy' }).click();
    await expect(banner(person)).toBeHidden();
    expected.push(...more);
    await expect
      .poll(async () => (await server.readText(id)).split('\n').filter(Boolean).sort())
      .toEqual([...expected].sort());
  }
  // The other client's lines are unchanged and in place.
  expect((await server.readText(id)).replace(/^(Ann|Cleo|Dora).*\n/gm, '')).toBe(before);
  const merged = (await server.readText(id)).split('\n');
  for (const person of [ann, again, dora]) {
    await expect.poll(async () => (await person.copyAll()).split('\n')).toEqual(merged);
  }

  // The merge is an ordinary edit, which its author can undo.
  await dora.content.focus();
  await dora.page.keyboard.press('Control+z');
  await expect.poll(() => server.readText(id)).not.toContain('Dora unsent 25');
  expect(await server.readText(id)).toContain('Ben 35');
  for (const person of [ann, again, dora]) await person.leave();
});

test('after a restore, a viewer keeps the copy as a new document, and goes on with the server’s text', async ({
  browser,
}) => {
  const created = await server.createDocument({ title: 'Plans', text: 'common\n' });
  const { id } = created;
  const address = server.url + created.url;
  const owner = await PersonAtPage.at(browser, server.url);
  const own = await owner.createDocument('Minutes', 'first\n');
  await owner.request('PATCH', `/documents/${own.id}`, { anyone: 'viewer' });
  const vera = await PersonAtPage.at(browser, server.url + own.url);
  await expect(vera.content).toContainText('first');
  const restore = await backup();
  await writeLines(owner, ['acknowledged and lost']);
  await expect(vera.content).toContainText('acknowledged and lost');
  await restore();

  await expect(banner(vera)).toBeVisible();
  await expect(vera.page.getByRole('button', { name: 'Merge my copy' })).toHaveCount(0);
  await vera.page.getByRole('button', { name: 'Keep as a new document' }).click();
  await expect(vera.title).toHaveValue('Minutes (my copy)');
  await expect(vera.status).toHaveText('Saved');
  await expect(vera.content).toContainText('acknowledged and lost');
  await vera.content.focus();
  await vera.page.keyboard.press('Control+End');
  await vera.page.keyboard.type('hers now');
  await expect(vera.status).toHaveText('Saved');

  await vera.page.goto(server.url + own.url);
  await vera.page.getByRole('button', { name: 'Show the server’s text' }).click();
  await vera.dialog.getByRole('button', { name: 'Remove my copy' }).click();
  await expect(banner(vera)).toBeHidden();
  await expect(vera.content).not.toContainText('acknowledged and lost');
  await expect(vera.content).toContainText('first');
  // The viewer's copy did not change the document.
  expect(await owner.readText(own.id)).toBe('first\n');
  await vera.page.goto(address);
  await expect(vera.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('common\n');
  await owner.leave();
  await vera.leave();
});

test('a document created after the restored backup stays on the page, and can be kept as a new one', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, server.url);
  await ann.createDocument('Earlier', 'known to the backup');
  const restore = await backup();
  const { id } = await ann.createDocument('Later', 'written after the backup');
  await restore();
  const keep = ann.page.getByRole('button', { name: 'Keep as a new document' });
  await expect(keep).toBeVisible();
  await expect(ann.content).toContainText('written after the backup');
  await keep.click();
  await expect(ann.title).toHaveValue('Later (my copy)');
  await expect(ann.status).toHaveText('Saved');
  await expect(ann.content).toContainText('written after the backup');
  expect(ann.page.url()).not.toContain(id);
  await ann.leave();
});

test('after data files are replaced by a copy and written on, a page keeps its text and merges it once', async ({
  browser,
}) => {
  const common = numbered('common', 1, 3);
  const { id, url } = await server.createDocument({ text: `${common.join('\n')}\n` });
  const ann = await PersonAtPage.at(browser, server.url + url);
  await expect(ann.status).toHaveText('Saved');
  const restore = await copyFiles();
  const own = numbered('Ann', 21, 22);
  await writeLines(ann, own);
  await expect(ann.content).toContainText('Ann 22');
  await expect.poll(() => ann.readText(id)).toContain('Ann 22');
  const known = await versionOf(ann, id);
  // The version number must exist again before the page rejoins: only the operation of that version differs.
  await ann.setOffline(true);
  await restore();
  const others = numbered('Ben', 31, 32);
  await othersWrite(id, others, known);
  const before = await server.readText(id);
  await ann.setOffline(false);

  await expect(banner(ann)).toBeVisible();
  for (const line of own) await expect(ann.content).toContainText(line);
  expect(await server.readText(id)).toBe(before);
  await ann.page.getByRole('button', { name: 'Merge my copy' }).click();
  await expect(banner(ann)).toBeHidden();
  await expect
    .poll(async () => (await server.readText(id)).split('\n').filter(Boolean).sort())
    .toEqual([...common, ...others, ...own].sort());
  await ann.leave();
});
