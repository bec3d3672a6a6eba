/** A person whose quota is used up is told so, loses nothing, and is saved when the quota allows it again. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
/** The server's settings, read at each start. */
const environment: NodeJS.ProcessEnv = {};
const startAgain = serve('test', (started) => (server = started), environment);
test.beforeEach(() => {
  for (const name of Object.keys(environment)) Reflect.deleteProperty(environment, name);
});

const PAUSED = 'Saving paused: no more room for you on this server';
const COME_BACK = { timeout: 40_000 };
/** Charged as 300 KB: log, search index and checkpoint. */
const PASSAGE = `${'word '.repeat(20_000)}\n`;

async function startWith(limits: NodeJS.ProcessEnv): Promise<void> {
  await server.stop();
  Object.assign(environment, limits);
  await startAgain();
}

for (const [what, limit, more] of [
  ['in total', { CONCORD_GUEST_MB: '1' }, { CONCORD_GUEST_MB: '50' }],
  ['per day', { CONCORD_GUEST_MB_PER_DAY: '1' }, { CONCORD_GUEST_MB_PER_DAY: '50' }],
] as const) {
  test(`a guest whose byte quota ${what} is used up keeps the text, and it is saved once there is quota`, async ({
    browser,
  }) => {
    await startWith(limit);
    const { id, url } = await server.createDocument({ text: 'Start.' });
    const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
    const { page } = ann;
    await expect(ann.status).toHaveText('Saved');
    await page.evaluate((text) => navigator.clipboard.writeText(text), PASSAGE);
    await ann.content.click();
    await ann.press('Control+Home');
    // The last operation may overdraw the quota.
    for (let pasted = 0; pasted < 8 && (await ann.status.textContent()) !== PAUSED; pasted += 1) {
      await ann.press('Control+v');
      await expect(ann.status).toHaveText(/^(Saved|Saving paused: no more room .*)$/, COME_BACK);
    }
    await ann.press('Control+Home');
    await ann.type('kept ', 0);
    await expect(ann.status).toHaveText(PAUSED, COME_BACK);
    const notice = ann.section('There is no more room for you on this server');
    await expect(notice.getByRole('button', { name: 'Copy text' })).toBeVisible();
    await expect(notice.getByRole('button', { name: 'Download' })).toBeVisible();
    expect(await server.readText(id)).not.toContain('kept');

    // The text survives a reload and a restart; the restart does not refill the quota.
    await ann.untilOnDevice();
    await server.stop();
    await startAgain();
    await page.reload();
    await expect(ann.status).toHaveText(PAUSED, COME_BACK);
    expect(await ann.visibleText()).toContain('kept');

    await startWith(more);
    await expect(ann.status).toHaveText(/^(Saved|Merged .*)$/, COME_BACK);
    expect(await server.readText(id)).toContain('kept');
    await expect(notice).toHaveCount(0);
    await ann.leave();
  });
}

test('a guest at the document quota is told so, and keeps the text of a new document', async ({
  browser,
}) => {
  await startWith({ CONCORD_GUEST_DOCUMENTS: '1' });
  const ann = await PersonAtPage.at(browser, server.url);
  const { page } = ann;
  const begin = async (text: string): Promise<void> => {
    await page.goto(server.url);
    await page.getByRole('button', { name: 'New document' }).first().click();
    await ann.content.click();
    await ann.type(text, 0);
  };
  await begin('The first.');
  await expect(ann.status).toHaveText('Saved', COME_BACK);
  await begin('The second.');
  await expect(ann.status).toHaveText(PAUSED, COME_BACK);
  await expect(ann.section('There is no more room for you on this server')).toContainText(
    'as many as one person may have',
  );
  // The meter says it in words, not by colour only.
  await page.getByRole('link', { name: 'See what is used' }).click();
  const meter = page.getByRole('meter', { name: 'Documents' });
  await expect(meter).toHaveAttribute('aria-valuetext', '1 of 1 · full');
  await expect(page.getByText('1 of 1 · full')).toBeVisible();
  await page.goBack();
  await expect(ann.content).toContainText('The second.');
  await startWith({ CONCORD_GUEST_DOCUMENTS: '5' });
  await expect(ann.status).toHaveText(/^(Saved|Merged .*)$/, COME_BACK);
  await ann.leave();
});

test('a page of a server with a full disk says so, and keeps the text until it is saved', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(ann.status).toHaveText('Saved');
  // A reserve of a million megabytes, larger than any disk here.
  await startWith({ CONCORD_DISK_RESERVE: '1000000' });
  await ann.content.click();
  await ann.press('Control+Home');
  await ann.type('kept ', 0);
  await expect(ann.status).toHaveText('Saving paused: the server cannot store changes', COME_BACK);
  const notice = ann.section('The server cannot save just now');
  await expect(notice).toContainText('saved by itself');
  await expect(notice.getByRole('button', { name: 'Copy text' })).toBeVisible();
  expect(await ann.visibleText()).toContain('kept');
  await startWith({ CONCORD_DISK_RESERVE: '0' });
  await expect(ann.status).toHaveText(/^(Saved|Merged .*)$/, COME_BACK);
  await expect(notice).toHaveCount(0);
  expect(await server.readText(id)).toBe('kept Start.');
  await ann.leave();
});
