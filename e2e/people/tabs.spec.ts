/**
 * Several tabs of one browser on one document: they mirror each other with and without a network, and the edits of each
 * reach the server once, whichever tabs are closed, crash or freeze meanwhile.
 */
import type { DocumentId } from '@concord/protocol';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const kept = (count: number): string =>
  `Offline · ${count} ${count === 1 ? 'change' : 'changes'} kept on this device`;

/** Everything is acknowledged, maybe just now after being offline. */
const SAVED = /^(Saved|Merged \d+ changes?)$/;

/** Opens several tabs of one browser on a new document. */
async function tabsOn(
  browser: Browser,
  count: number,
  text: string,
  without: readonly string[] = [],
): Promise<{ readonly id: DocumentId; readonly url: string; readonly tabs: PersonAtPage[] }> {
  const { id, url } = await server.createDocument({ text, title: 'Tabs' });
  const address = `${server.url}${url}`;
  const first = await PersonAtPage.at(browser, address, (page) => takeAway(page, without));
  await expect(first.status).toHaveText('Saved');
  await first.untilOnDevice();
  const tabs = [first];
  while (tabs.length < count) tabs.push(await first.openTab(address));
  await allShow(tabs, text);
  for (const tab of tabs) {
    await expect(tab.status).toHaveText('Saved');
    await expect(tab.title).toHaveValue('Tabs');
  }
  return { id, url: address, tabs };
}

/** Removes APIs that old browsers lack, and all browsers on pages of plain http. */
async function takeAway(page: Page, without: readonly string[]): Promise<void> {
  await page.context().addInitScript((names) => {
    for (const name of names) {
      const owner = name === 'locks' ? navigator : globalThis;
      Object.defineProperty(owner, name, { value: undefined, configurable: true });
    }
  }, without);
}

async function allShow(tabs: readonly PersonAtPage[], text: string): Promise<void> {
  for (const tab of tabs) await expect.poll(() => tab.visibleText()).toBe(text);
}

/** Makes one edit at the end of the text. */
async function writeAtEnd(tab: PersonAtPage, text: string): Promise<void> {
  await tab.content.focus();
  await tab.press('Control+End');
  await tab.page.keyboard.insertText(text);
}

/** Kills the page's process: no event handlers run, nothing is written. */
async function crash({ page }: PersonAtPage): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

for (const { name, without } of [
  { name: 'as browsers are today', without: [] },
  { name: 'without Web Locks and SharedWorker', without: ['locks', 'SharedWorker'] },
  {
    name: 'without Web Locks, SharedWorker and BroadcastChannel',
    without: ['locks', 'SharedWorker', 'BroadcastChannel'],
  },
]) {
  test(`offline edits of three closed tabs are sent once by the next tab (${name})`, async ({
    browser,
  }) => {
    const { id, url, tabs } = await tabsOn(browser, 3, 'Start', without);
    const [first, second] = tabs as [PersonAtPage, PersonAtPage];
    await first.setOffline(true);
    let text = 'Start';
    for (const round of ['a', 'b']) {
      for (const [place, tab] of tabs.entries()) {
        text += ` ${place + 1}${round}`;
        await writeAtEnd(tab, ` ${place + 1}${round}`);
        await allShow(tabs, text);
      }
    }
    await second.title.fill('Three tabs');
    for (const tab of tabs) {
      await expect(tab.title).toHaveValue('Three tabs');
      await expect(tab.status).toHaveText(kept(6));
    }
    expect(await server.readText(id)).toBe('Start');

    const blank = await first.openTab('about:blank');
    for (const tab of tabs) await tab.page.close();
    await blank.setOffline(false);
    await blank.page.goto(url);
    await allShow([blank], 'Start 1a 2a 3a 1b 2b 3b');
    await expect.poll(() => server.readText(id)).toBe('Start 1a 2a 3a 1b 2b 3b');
    await expect(blank.status).toHaveText(SAVED);
    await expect(blank.title).toHaveValue('Three tabs');
    await blank.page.reload();
    await expect(blank.status).toHaveText(SAVED);
    await allShow([blank], text);
    expect(await server.readText(id)).toBe(text);
    await blank.leave();
  });
}

test('concurrent typing in two tabs loses and duplicates nothing, online and offline', async ({
  browser,
}) => {
  const { id, tabs } = await tabsOn(browser, 2, 'middle');
  const [left, right] = tabs as [PersonAtPage, PersonAtPage];
  await left.content.click();
  await left.press('Control+Home');
  await right.content.click();
  await right.press('Control+End');
  const digits = '0123456789'.repeat(5);
  const letters = 'abcdefghij'.repeat(5);

  await Promise.all([left.type(digits, 20), right.type(letters, 20)]);
  const online = `${digits}middle${letters}`;
  await expect.poll(() => server.readText(id)).toBe(online);
  await allShow(tabs, online);

  await left.setOffline(true);
  await Promise.all([left.type(digits, 20), right.type(letters, 20)]);
  const offline = `${digits}${online}${letters}`;
  await allShow(tabs, offline);
  for (const tab of tabs) await expect(tab.status).toHaveText(kept(100));
  await left.setOffline(false);
  await expect.poll(() => server.readText(id)).toBe(offline);
  for (const tab of tabs) await expect(tab.status).toHaveText(SAVED);
  await allShow(tabs, offline);
  await left.leave();
});

for (const { name, end } of [
  { name: 'is closed', end: (tab: PersonAtPage) => tab.page.close() },
  { name: 'crashes', end: crash },
]) {
  test(`when the leading tab ${name} with unsent edits, the other tab takes the lead and sends them`, async ({
    browser,
  }) => {
    const { id, tabs } = await tabsOn(browser, 2, 'One');
    const [leader, other] = tabs as [PersonAtPage, PersonAtPage];
    await leader.setOffline(true);
    await writeAtEnd(leader, ' two');
    await allShow(tabs, 'One two');
    await expect(other.status).toHaveText(kept(1));
    await expect.poll(() => other.keptEdits()).toBe(1);
    await end(leader);
    await writeAtEnd(other, ' three');
    await expect(other.status).toHaveText(kept(2));
    await other.setOffline(false);
    await expect.poll(() => server.readText(id)).toBe('One two three');
    await expect(other.status).toHaveText(SAVED);
    await allShow([other], 'One two three');
    await other.leave();
  });
}

test('unsent edits of a document that is not open are sent once by other pages', async ({
  browser,
}) => {
  const { id, tabs } = await tabsOn(browser, 1, 'Left');
  const [tab] = tabs as [PersonAtPage];
  const lists = [await tab.openTab(`${server.url}/`), await tab.openTab(`${server.url}/`)];
  await tab.setOffline(true);
  await writeAtEnd(tab, ' behind');
  await allShow([tab], 'Left behind');
  await expect.poll(() => tab.keptEdits()).toBe(1);
  await tab.page.close();
  // Both lists try to send the edits.
  for (const list of lists) {
    await list.page.reload();
    await expect(list.row('Tabs')).toContainText('1 change kept on this device');
  }
  await lists[0]?.setOffline(false);
  await expect.poll(() => server.readText(id)).toBe('Left behind');
  // A page opened later also looks for unsent edits, and must not send them again.
  const late = await tab.openTab(`${server.url}/`);
  await writeElsewhere(late, id);
  expect(await server.readText(id)).toBe('Left behind');
  await tab.leave();
});

/** Opens the document and waits until it is saved: by then the page has begun to send unsent edits. */
async function writeElsewhere(person: PersonAtPage, id: DocumentId): Promise<void> {
  await person.page.goto(`${server.url}/d/${id}`);
  await expect(person.status).toHaveText(SAVED);
}

for (const { name, stop } of [
  { name: 'is frozen', stop: freeze },
  { name: 'is blocked', stop: block },
]) {
  test(`a leading tab that ${name} loses the lead to another tab, and mirrors it afterwards`, async ({
    browser,
  }) => {
    const { id, tabs } = await tabsOn(browser, 2, 'One');
    const [leader, other] = tabs as [PersonAtPage, PersonAtPage];
    await writeAtEnd(leader, ' two');
    await expect.poll(() => server.readText(id)).toBe('One two');
    await allShow(tabs, 'One two');
    const goOn = await stop(leader);
    await writeAtEnd(other, ' three');
    await allShow([other], 'One two three');
    await expect.poll(() => server.readText(id)).toBe('One two three');
    await expect(other.status).toHaveText(SAVED);
    await goOn();
    await expect.poll(() => leader.visibleText()).toBe('One two three');
    await writeAtEnd(leader, ' four');
    await allShow(tabs, 'One two three four');
    await writeAtEnd(other, ' five');
    await allShow(tabs, 'One two three four five');
    for (const tab of tabs) await expect(tab.status).toHaveText(SAVED);
    await expect.poll(() => server.readText(id)).toBe('One two three four five');
    await leader.leave();
  });
}

test('edits typed into a tab that does not know yet that it lost the lead are not lost', async ({
  browser,
}) => {
  const { id, tabs } = await tabsOn(browser, 2, 'One.');
  const [leader, other] = tabs as [PersonAtPage, PersonAtPage];
  await leader.content.focus();
  await leader.press('Control+Home');
  await leader.page.keyboard.insertText('Now: ');
  await allShow(tabs, 'Now: One.');
  const goOn = await block(leader);
  // Handled once the tab is no longer blocked, before it learns that it lost the lead.
  const typed = leader.page.keyboard.insertText('late ');
  await writeAtEnd(other, ' Two.');
  await expect.poll(() => server.readText(id)).toContain('One. Two.');
  await goOn();
  await typed;
  for (const tab of tabs) {
    await expect.poll(() => tab.visibleText()).toBe('Now: late One. Two.');
    await expect(tab.status).toHaveText(SAVED);
  }
  await expect.poll(() => server.readText(id)).toBe('Now: late One. Two.');
  await leader.leave();
});

/** Freezes the tab, as browsers do in the background. @returns resumes it */
async function freeze({ page }: PersonAtPage): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  return async () => void (await devtools.send('Page.setWebLifecycleState', { state: 'active' }));
}

/** Blocks the tab's main thread for long enough that another tab takes the lead. @returns waits until it is over */
async function block({ page }: PersonAtPage): Promise<() => Promise<void>> {
  const busy = page.evaluate(() => {
    const until = Date.now() + 4_500;
    while (Date.now() < until);
  });
  return () => busy;
}
