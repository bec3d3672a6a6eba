/** Reconnecting after offline edits: every edit is applied once, and a review shows what was merged. */
import { expect, test, type Locator } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('test', (started) => (server = started));

const text = 'Plan\nThe fox runs.\nBetween.\nA dog sleeps.\nEnd';

async function setOffline(person: PersonAtPage, isOffline: boolean): Promise<void> {
  await person.page.context().setOffline(isOffline);
}

/** Types at the beginning or the end of a line, counted from 1. */
async function typeInLine(
  person: PersonAtPage,
  line: number,
  where: 'Home' | 'End',
  written: string,
): Promise<void> {
  await person.content
    .locator('.cm-line')
    .nth(line - 1)
    .click();
  await person.press(where);
  await person.type(written, 0);
}

function review(person: PersonAtPage): Locator {
  return person.page.getByRole('complementary', { name: 'Review merge' });
}

/** Passages in the review, in the order of the text. */
function passage(person: PersonAtPage, index: number): Locator {
  return review(person).getByRole('article').nth(index);
}

/** The undo history is written when typing pauses. The returned function resolves at the first write since. */
async function untilUndoIsKept(person: PersonAtPage): Promise<() => Promise<void>> {
  await person.page.evaluate(() => {
    const counted = globalThis as unknown as { undoKept: number };
    counted.undoKept = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its store
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if (this.name === 'undo') {
        this.transaction.addEventListener('complete', () => counted.undoKept++);
      }
      return put.apply(this, given);
    };
  });
  return () =>
    expect
      .poll(() =>
        person.page.evaluate(() => (globalThis as unknown as { undoKept: number }).undoKept),
      )
      .toBeGreaterThan(0);
}

test('two people edit one paragraph, one of them offline: both edits stay, and can be reviewed', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(ann.status).toHaveText('Saved');
  await expect(bob.status).toHaveText('Saved');
  await bob.page.evaluate(async () => void (await navigator.serviceWorker.ready));

  await setOffline(bob, true);
  await typeInLine(bob, 2, 'Home', 'Today: ');
  await typeInLine(bob, 4, 'End', ' Well.');
  const isUndoKept = await untilUndoIsKept(bob);
  await typeInLine(bob, 5, 'End', '.');
  await isUndoKept();
  await bob.page.reload();
  await expect(bob.status).toHaveText('Offline · 14 changes kept on this device');
  await typeInLine(ann, 2, 'End', ' Away.');
  await typeInLine(ann, 4, 'Home', 'Look! ');
  await typeInLine(ann, 1, 'End', ' A');
  await expect(ann.status).toHaveText('Saved');
  const theirs = 'Plan A\nThe fox runs. Away.\nBetween.\nLook! A dog sleeps.\nEnd';
  expect(await server.readText(id)).toBe(theirs);

  const statuses = await bob.watchStatus();
  await setOffline(bob, false);
  await expect(bob.status).toHaveText('Merged 14 changes · Review');
  expect(await statuses()).toEqual([
    'Offline · 14 changes kept on this device',
    'Syncing 14 changes…',
    'Merged 14 changes · Review',
  ]);
  const merged = 'Plan A\nToday: The fox runs. Away.\nBetween.\nLook! A dog sleeps. Well.\nEnd.';
  for (const person of [ann, bob]) await expect.poll(() => person.visibleText()).toBe(merged);
  expect(await server.readText(id)).toBe(merged);

  // Offline edits from before the reload can still be undone.
  await bob.content.focus();
  await expect
    .poll(async () => {
      await bob.press('Control+z');
      return server.readText(id);
    })
    .toBe(theirs);
  await expect
    .poll(async () => {
      await bob.press('Control+y');
      return server.readText(id);
    })
    .toBe(merged);

  await bob.page.getByRole('button', { name: 'Review' }).click();
  await expect(review(bob)).toBeFocused();
  await expect(review(bob).getByRole('article')).toHaveCount(2);
  await expect(passage(bob, 0).locator('ins')).toHaveText([
    'Inserted: Today: ',
    'Inserted:  Away.',
  ]);
  await expect(review(bob)).toContainText('2 other changes did not touch each other');

  // A choice, by keyboard or pointer, is an ordinary edit that all replicas get.
  await passage(bob, 0).getByRole('button', { name: 'Keep mine' }).press('Enter');
  await expect.poll(() => ann.visibleText()).toBe(merged.replace(' Away.', ''));
  await expect(passage(bob, 0)).toContainText('Kept mine');
  await passage(bob, 0).getByRole('button', { name: 'Keep theirs' }).click();
  await expect.poll(() => ann.visibleText()).toBe(merged.replace('Today: ', ''));
  await bob.press('Control+z', 'Control+z');
  await expect.poll(() => ann.visibleText()).toBe(merged);
  await expect(passage(bob, 0)).toContainText('Both are in the text');

  // A passage edited after the merge shows the edit, and the review cannot overwrite it.
  await typeInLine(ann, 4, 'End', ' Still.');
  await expect(passage(bob, 1)).toContainText('Look! A dog sleeps. Well. Still.');
  await expect(passage(bob, 1)).toContainText('Changed since');
  await expect(passage(bob, 1).getByRole('button', { name: 'Keep mine' })).toHaveCount(0);
  await passage(bob, 1).getByRole('button', { name: 'Leave as it is' }).click();
  await passage(bob, 0).getByRole('button', { name: 'Keep both' }).click();
  await expect(review(bob)).toContainText('Everything is decided.');

  // The review can be closed and reopened, also after the status changed.
  await expect(bob.status).toHaveText('Saved');
  const opener = bob.page.getByRole('button', { name: 'Review merge' });
  await review(bob).press('Escape');
  await expect(review(bob)).toHaveCount(0);
  await expect(opener).toBeFocused();
  await opener.click();
  await review(bob).getByRole('button', { name: 'Done' }).click();
  await expect(opener).toHaveCount(0);
  await expect(review(bob)).toHaveCount(0);
  expect(await server.readText(id)).toBe(merged.replace('Well.', 'Well. Still.'));
  await ann.leave();
  await bob.leave();
});

test('offline edits of a closed page are merged and reviewed when the document is opened again', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}/`);
  const tab = await bob.openTab(`${server.url}${url}`);
  await expect(ann.status).toHaveText('Saved');
  await expect(tab.status).toHaveText('Saved');
  await tab.untilOnDevice();
  await setOffline(bob, true);
  await typeInLine(tab, 2, 'Home', 'Today: ');
  await expect.poll(() => tab.keptEdits()).toBe(7);
  await tab.page.close();
  // The list would send edits left on the device; here the document itself is opened first.
  await bob.page.close();
  await typeInLine(ann, 2, 'End', ' Away.');
  await expect(ann.status).toHaveText('Saved');

  await setOffline(bob, false);
  const again = await bob.openTab(`${server.url}${url}`);
  await expect(again.status).toHaveText('Merged 7 changes · Review');
  const merged = 'Plan\nToday: The fox runs. Away.\nBetween.\nA dog sleeps.\nEnd';
  expect(await server.readText(id)).toBe(merged);
  await again.page.getByRole('button', { name: 'Review' }).click();
  await expect(review(again).getByRole('article')).toHaveCount(1);
  await passage(again, 0).getByRole('button', { name: 'Keep theirs' }).click();
  await expect.poll(() => ann.visibleText()).toBe(merged.replace('Today: ', ''));
  await ann.leave();
  await bob.leave();
});

test('a notice tells when another person edits the same paragraph', async ({ browser }) => {
  const { url } = await server.createDocument({ text });
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.chooseName('Ann');
  await ann.page.goto(`${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  const notice = bob.page.getByText('Ann is editing this paragraph too');

  await expect(bob.status).toHaveText('Saved');
  await typeInLine(bob, 2, 'End', ' Far.');
  await typeInLine(ann, 4, 'End', ' Well.');
  await expect.poll(() => bob.visibleText()).toContain('Well.');
  await expect(notice).toHaveCount(0);
  await bob.type('.');
  await typeInLine(ann, 2, 'Home', 'Look! ');
  await expect(notice).toBeVisible();
  await expect(notice).toHaveCount(0);
  await ann.leave();
  await bob.leave();
});
