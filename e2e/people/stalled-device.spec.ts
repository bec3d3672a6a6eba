/**
 * A stalled device: another tab holds a transaction of the database. Typing goes on and reaches others, the status says
 * what is not on the device, other documents open; and nothing is lost or duplicated afterwards.
 */
import { expect, test, type Browser } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const NOT_KEPT = 'Saved · not kept on this device';
/** Several times the page's timeout for its device. */
const GOES_ON = { timeout: 40_000 };

interface Holding {
  isReleased: boolean;
}

/** A tab of the same browser that holds a transaction over all stores of the database. */
class HoldingTab {
  readonly #tab: PersonAtPage;

  private constructor(tab: PersonAtPage) {
    this.#tab = tab;
  }

  /** Opens the tab, and begins to hold. */
  static async beside(person: PersonAtPage): Promise<HoldingTab> {
    const holding = await HoldingTab.openedBeside(person);
    await holding.hold();
    return holding;
  }

  /** Opens the tab without holding yet. */
  static async openedBeside(person: PersonAtPage): Promise<HoldingTab> {
    return new HoldingTab(await person.openTab(`${server.url}/livez`));
  }

  async hold(): Promise<void> {
    await this.#tab.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const holding: Holding = { isReleased: false };
          Object.assign(globalThis, { holding });
          const opening = indexedDB.open('concord');
          opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
            const store = transaction.objectStore('leases');
            const ask = (): void => {
              if (holding.isReleased) database.close();
              else store.get('nobody').onsuccess = ask;
            };
            store.get('nobody').onsuccess = () => {
              resolve();
              ask();
            };
          };
        }),
    );
  }

  async letGo(): Promise<void> {
    await this.#tab.page.evaluate(() => {
      (globalThis as unknown as { holding: Holding }).holding.isReleased = true;
    });
  }
}

async function typeAtEnd(person: PersonAtPage, text: string): Promise<void> {
  await person.content.click();
  await person.press('Control+End');
  await person.type(text, 0);
}

async function atDocument(browser: Browser, url: string): Promise<PersonAtPage> {
  const person = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(person.status).toHaveText('Saved');
  await person.untilOnDevice();
  return person;
}

test('with a stalled device typing reaches others and documents open; afterwards the device is used again', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const second = await server.createDocument({ text: 'Second.' });
  const ann = await atDocument(browser, url);
  const bob = await atDocument(browser, url);
  const holding = await HoldingTab.beside(ann);

  await ann.page.bringToFront();
  await typeAtEnd(ann, ' A');
  await expect.poll(() => bob.visibleText(), GOES_ON).toBe('Start. A');
  await expect(ann.status).toHaveText(NOT_KEPT);
  await expect(ann.page.getByRole('alert')).toContainText('not kept on this device');
  await ann.type('b', 0);
  await expect.poll(() => bob.visibleText()).toBe('Start. Ab');

  const other = await ann.openTab(`${server.url}${second.url}`);
  await expect.poll(() => other.visibleText(), GOES_ON).toBe('Second.');
  await expect(other.status).toHaveText(NOT_KEPT, GOES_ON);
  await typeAtEnd(other, ' C');
  await expect.poll(() => server.readText(second.id), GOES_ON).toBe('Second. C');

  await holding.letGo();
  await expect(other.status).toHaveText('Saved', GOES_ON);
  await ann.page.bringToFront();
  await expect(ann.status).toHaveText('Saved', GOES_ON);
  await expect(ann.page.getByRole('alert')).toHaveCount(0);
  await ann.page.reload();
  await expect(ann.status).toHaveText('Saved');
  expect(await ann.visibleText()).toBe('Start. Ab');
  expect(await server.readText(id)).toBe('Start. Ab');
  await ann.leave();
  await bob.leave();
});

test('a page closed while its device is stalled duplicates nothing and loses nothing that was saved', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await atDocument(browser, url);
  await typeAtEnd(ann, ' A');
  await expect(ann.status).toHaveText('Saved');
  const holding = await HoldingTab.beside(ann);
  await ann.page.bringToFront();
  await typeAtEnd(ann, 'b');
  await expect(ann.status).toHaveText(NOT_KEPT, GOES_ON);
  await ann.type('c', 0);
  await expect.poll(() => server.readText(id)).toBe('Start. Abc');
  await expect(ann.status).toHaveText(NOT_KEPT);
  await ann.page.close();

  // The device is still stalled: the document is loaded from the server.
  const again = await ann.openTab(`${server.url}${url}`);
  await expect.poll(() => again.visibleText(), GOES_ON).toBe('Start. Abc');
  await expect(again.status).toHaveText(NOT_KEPT, GOES_ON);
  await typeAtEnd(again, 'd');
  await expect.poll(() => server.readText(id), GOES_ON).toBe('Start. Abcd');
  await again.page.close();

  await holding.letGo();
  const last = await ann.openTab(`${server.url}${url}`);
  await expect(last.status).toHaveText('Saved', GOES_ON);
  expect(await last.visibleText()).toBe('Start. Abcd');
  expect(await server.readText(id)).toBe('Start. Abcd');
  await last.page.reload();
  await expect(last.status).toHaveText('Saved', GOES_ON);
  expect(await last.visibleText()).toBe('Start. Abcd');
  expect(await server.readText(id)).toBe('Start. Abcd');
  await ann.leave();
});

test('edits sent while the device was stalled are not sent again from its overtaken row', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Start.' });
  const ann = await atDocument(browser, url);
  const holding = await HoldingTab.openedBeside(ann);
  await ann.page.bringToFront();
  await ann.setOffline(true);
  await typeAtEnd(ann, ' A');
  await expect.poll(() => ann.keptEdits()).toBe(2);
  await holding.hold();
  await ann.setOffline(false);
  await expect.poll(() => server.readText(id), GOES_ON).toBe('Start. A');
  await ann.type('b', 0);
  await expect.poll(() => server.readText(id), GOES_ON).toBe('Start. Ab');
  await expect(ann.status).toHaveText(NOT_KEPT);
  await ann.page.close();
  await holding.letGo();

  const again = await ann.openTab(`${server.url}${url}`);
  await expect(again.status).toHaveText('Saved', GOES_ON);
  expect(await again.visibleText()).toBe('Start. Ab');
  expect(await server.readText(id)).toBe('Start. Ab');
  await ann.leave();
});
