/**
 * A device that cannot store: full, blocked by an old tab, or upgraded by a newer app. The page says so in red at once,
 * typing goes on, the text can be copied and downloaded; once the device stores again, the page recovers.
 */
import { readFileSync } from 'node:fs';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { HeldSocket } from '../support/held-socket.ts';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const RED = 'Not saved: this browser blocks storage. Copy your text.';
const COME_BACK = { timeout: 40_000 };

interface Device {
  isFull: boolean;
}

/** Opens a document in a browser whose disk a test can fill. */
async function atDocument(
  browser: Browser,
  url: string,
  { isFull = false, socket = new HeldSocket() } = {},
): Promise<PersonAtPage> {
  return PersonAtPage.at(browser, `${server.url}${url}`, async (page) => {
    await socket.prepare(page);
    await page.addInitScript((isFullAtFirst) => {
      const device: Device = { isFull: isFullAtFirst };
      Object.assign(globalThis, { device });
      const methodOf = (from: object, name: string): unknown =>
        Object.getOwnPropertyDescriptor(from, name)?.value;
      const store = IDBObjectStore.prototype;
      const put = methodOf(store, 'put') as IDBObjectStore['put'];
      // As in browsers: each write succeeds, and then the transaction aborts.
      store.put = function (...values) {
        const request = put.apply(this, values);
        if (device.isFull) request.addEventListener('success', () => this.transaction.abort());
        return request;
      };
      const transaction = IDBTransaction.prototype;
      const commit = methodOf(transaction, 'commit') as IDBTransaction['commit'];
      transaction.commit = function () {
        if (device.isFull) this.abort();
        else commit.call(this);
      };
    }, isFull);
  });
}

async function fillDisk({ page }: PersonAtPage, isFull: boolean): Promise<void> {
  await page.evaluate((full) => {
    (globalThis as unknown as { device: Device }).device.isFull = full;
  }, isFull);
}

async function typeAtEnd(person: PersonAtPage, text: string): Promise<void> {
  await person.content.click();
  await person.press('Control+End');
  await person.type(text, 0);
}

/** Copies and downloads the text from the red notice. */
async function expectTaken(person: PersonAtPage, text: string): Promise<void> {
  const { page } = person;
  const notice = page.getByRole('alert');
  await notice.getByRole('button', { name: 'Copy text' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  const download = page.waitForEvent('download');
  await notice.getByRole('button', { name: 'Download' }).click();
  expect(readFileSync(await (await download).path(), 'utf8')).toBe(text);
}

test('a disk that fills up offline is reported at once, and all edits are stored when there is space', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await atDocument(browser, url);
  await expect(ann.status).toHaveText('Saved');
  await ann.untilOnDevice();
  const { page } = ann;
  await ann.setOffline(true);
  await page.reload();
  await typeAtEnd(ann, ' A');
  await expect(ann.status).toHaveText('Offline · 2 changes kept on this device');
  await fillDisk(ann, true);
  await ann.type('b', 0);
  await expect(ann.status).toHaveText(RED);
  await expect(page.getByRole('alert')).toContainText('in this page only');
  await ann.type('c', 0);
  await expectTaken(ann, 'Start. Abc');
  await expect(ann.status).toHaveText(RED);
  // Closing the page asks first.
  const asked = page.waitForEvent('dialog');
  void page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();

  await fillDisk(ann, false);
  await expect(ann.status).toHaveText('Offline · 4 changes kept on this device');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.reload();
  await expect.poll(() => ann.visibleText()).toBe('Start. Abc');
  await ann.setOffline(false);
  await expect(ann.status).toHaveText('Merged 4 changes', COME_BACK);
  expect(await server.readText(id)).toBe('Start. Abc');
  await page.reload();
  await expect(ann.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Start. Abc');
  await ann.leave();
});

test('a disk that fills up online is reported at once; edits are sent all the same, and not duplicated by a reload', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await atDocument(browser, url);
  await expect(ann.status).toHaveText('Saved');
  await ann.untilOnDevice();
  await typeAtEnd(ann, ' A');
  await expect(ann.status).toHaveText('Saved');
  await fillDisk(ann, true);
  await ann.type('b', 0);
  await expect(ann.status).toHaveText(RED);
  await ann.type('c', 0);
  await expectTaken(ann, 'Start. Abc');
  await expect(ann.status).toHaveText('Saved · not kept on this device', COME_BACK);
  expect(await server.readText(id)).toBe('Start. Abc');
  await fillDisk(ann, false);
  await expect(ann.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Start. Abc');
  await ann.page.reload();
  await expect(ann.status).toHaveText('Saved');
  expect(await ann.visibleText()).toBe('Start. Abc');
  expect(await server.readText(id)).toBe('Start. Abc');
  await ann.leave();
});

test('with a disk full from the start edits reach the server, and the page warns when they do not', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const socket = new HeldSocket();
  const ann = await atDocument(browser, url, { isFull: true, socket });
  await typeAtEnd(ann, ' A');
  await expect(ann.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Start. A');
  // The connection is open, but its frames are held.
  socket.isHeld = true;
  await ann.type('b', 0);
  await expect(ann.status).toHaveText(RED);
  await ann.type('c', 0);
  await expectTaken(ann, 'Start. Abc');
  socket.letGo();
  await expect(ann.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Start. Abc');
  await expect(ann.page.getByRole('alert')).toHaveCount(0);
  await ann.leave();
});

test('a database upgrade blocked by an old tab is reported at once, and edits are stored when that tab closes', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await PersonAtPage.at(browser, `${server.url}/livez`);
  const { page: oldTab } = ann;
  // A tab of an old version, which does not close its connection for an upgrade.
  await oldTab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open('concord', 1);
        request.onupgradeneeded = () => {
          const replicas = request.result.createObjectStore('replicas', { keyPath: 'clientId' });
          replicas.createIndex('documentId', 'documentId');
          request.result.createObjectStore('pieces');
        };
        request.onsuccess = () => resolve();
      }),
  );
  const tab = await ann.openTab(`${server.url}${url}`);
  // Online, edits are saved.
  await typeAtEnd(tab, ' A');
  await expect(tab.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Start. A');
  await tab.untilOnDevice();
  await tab.setOffline(true);
  await tab.type('b', 0);
  await expect(tab.status).toHaveText(RED);
  await tab.type('c', 0);
  await expectTaken(tab, 'Start. Abc');
  await expect(tab.status).toHaveText(RED);

  await oldTab.close();
  await expect(tab.page.getByRole('alert')).toHaveCount(0);
  await expect(tab.status).toHaveText(/^(Saving…|Reconnecting…|Offline · 2 changes kept.*)$/);
  await tab.page.reload();
  await expect(tab.status).toHaveText('Offline · 2 changes kept on this device');
  expect(await tab.visibleText()).toBe('Start. Abc');
  await tab.setOffline(false);
  await expect(tab.status).toHaveText('Merged 2 changes', COME_BACK);
  await tab.page.reload();
  await expect(tab.status).toHaveText('Saved');
  expect(await tab.visibleText()).toBe('Start. Abc');
  expect(await server.readText(id)).toBe('Start. Abc');
  await ann.leave();
});

test('a database of a newer app is used if it has the needed stores, and reported if it has not', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await PersonAtPage.at(browser, `${server.url}/livez`);
  const { page: newer } = ann;
  const tab = await ann.openTab(`${server.url}${url}`);
  await expect(tab.status).toHaveText('Saved');
  await tab.untilOnDevice();
  await tab.setOffline(true);
  await tab.page.reload();
  await typeAtEnd(tab, ' A');
  await expect(tab.status).toHaveText('Offline · 2 changes kept on this device');

  // A newer version upgrades the database: the open page closes its connection, and reopens it.
  await upgrade(newer, 50, []);
  await tab.type('b', 0);
  await expect(tab.status).toHaveText('Offline · 3 changes kept on this device');
  await expect.poll(() => tab.keptEdits()).toBe(3);
  await tab.page.reload();
  await expect(tab.status).toHaveText('Offline · 3 changes kept on this device');
  expect(await tab.visibleText()).toBe('Start. Ab');

  // An upgrade without the stores that this version needs.
  await upgrade(newer, 51, ['terms', 'pieces', 'replicas']);
  await typeAtEnd(tab, 'c');
  await expect(tab.status).toHaveText(RED);
  await expectTaken(tab, 'Start. Abc');
  await newer.evaluate(() => {
    indexedDB.deleteDatabase('concord');
  });
  await expect(tab.status).toHaveText('Offline · 4 changes kept on this device');
  await expect.poll(() => tab.keptEdits()).toBe(4);
  await tab.page.reload();
  await expect(tab.status).toHaveText('Offline · 4 changes kept on this device');
  await tab.setOffline(false);
  await expect(tab.status).toHaveText('Merged 4 changes', COME_BACK);
  await tab.page.reload();
  await expect(tab.status).toHaveText('Saved');
  expect(await tab.visibleText()).toBe('Start. Abc');
  expect(await server.readText(id)).toBe('Start. Abc');
  await ann.leave();
});

test('after the browser evicted its storage, the open page stores its edits again', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const { page } = ann;
  await expect(ann.status).toHaveText('Saved');
  await ann.untilOnDevice();
  await ann.setOffline(true);
  await page.reload();
  await typeAtEnd(ann, ' A');
  await expect(ann.status).toHaveText('Offline · 2 changes kept on this device');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.clearDataForOrigin', {
    origin: server.url,
    storageTypes: 'indexeddb',
  });
  await devtools.detach();
  // Stored again without further typing.
  await expect.poll(() => ann.keptEdits()).toBe(2);
  await typeAtEnd(ann, 'b');
  await expect(ann.status).toHaveText('Offline · 3 changes kept on this device');
  await expect.poll(() => ann.keptEdits()).toBe(3);
  await page.reload();
  await expect(ann.status).toHaveText('Offline · 3 changes kept on this device');
  expect(await ann.visibleText()).toBe('Start. Ab');
  await ann.setOffline(false);
  await expect(ann.status).toHaveText('Merged 3 changes', COME_BACK);
  expect(await server.readText(id)).toBe('Start. Ab');
  await ann.leave();
});

/** Upgrades the app's database to a version, as a newer app would, deleting some stores. */
async function upgrade(page: Page, version: number, without: readonly string[]): Promise<void> {
  await page.evaluate(
    ([to, names]) =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open('concord', to);
        request.onupgradeneeded = () => {
          for (const name of names) request.result.deleteObjectStore(name);
        };
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
      }),
    [version, without] as const,
  );
}
