/** The page's process is killed while typing offline: at most the last 50 ms are lost. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import { seededRandom, type TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

/** Edits older than this are on the device when the page is killed (docs/faults.md#a-page-dies). */
const AT_MOST_LOST_MS = 50;
const KEY_EVERY_MS = 10;
const KILLS = 10;

let server: TestServer;
serve('test', (started) => (server = started));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Killed {
  /** Text that the page had applied more than AT_MOST_LOST_MS before the kill. */
  readonly owed: string;
  /** Everything that was typed. */
  readonly typed: string;
}

/** Types key by key, and kills the page's process `afterMs` after the last key. */
async function typeAndKill(page: Page, text: string, afterMs: number): Promise<Killed> {
  const devtools = await page.context().newCDPSession(page);
  const applied: { readonly key: string; readonly atMs: number }[] = [];
  const begunAt = performance.now();
  for (const [place, key] of [...text].entries()) {
    await wait(begunAt + place * KEY_EVERY_MS - performance.now());
    // Resolves when the page has handled the key.
    await devtools.send('Input.insertText', { text: key });
    applied.push({ key, atMs: performance.now() });
  }
  await wait(afterMs);
  const crashed = page.waitForEvent('crash');
  const killedAt = performance.now();
  void devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
  const early = applied.filter(({ atMs }) => atMs <= killedAt - AT_MOST_LOST_MS);
  return { owed: early.map(({ key }) => key).join(''), typed: text };
}

test('a page killed while typing offline loses at most the last 50 ms, and duplicates nothing', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Before. ' });
  const address = `${server.url}${url}`;
  // Keeps the browser alive while its tabs are killed.
  const window = await PersonAtPage.at(browser, 'about:blank');
  let ann = await window.openTab(address);
  await expect(ann.status).toHaveText('Saved');
  await ann.untilOnDevice();
  await ann.setOffline(true);

  const random = seededRandom(5);
  let kept = 'Before. ';
  for (let kill = 0; kill < KILLS; kill++) {
    await ann.content.click();
    await ann.press('Control+End');
    const word = Array.from({ length: 15 + random(20) }, () => (10 + random(26)).toString(36));
    const { owed, typed } = await typeAndKill(ann.page, word.join(''), random(AT_MOST_LOST_MS));

    ann = await window.openTab(address);
    await expect.poll(() => ann.visibleText()).toContain(`${kept}${owed}`);
    const found = await ann.visibleText();
    // The text is a prefix of what was typed, without duplicates.
    expect(`${kept}${typed}`.startsWith(found), `${found} of ${kept}${typed}`).toBe(true);
    kept = found;
  }
  expect(await server.readText(id)).toBe('Before. ');

  await ann.setOffline(false);
  await expect.poll(() => server.readText(id)).toBe(kept);
  await expect(ann.status).toHaveText(/^(Saved|Merged \d+ changes)$/);
  expect(await ann.visibleText()).toBe(kept);
  await ann.leave();
});
