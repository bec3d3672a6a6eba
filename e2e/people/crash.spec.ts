/** A page whose process is killed in the middle of a word, without a network: at most the last moment is missing. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import { seededRandom, type TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

/** What was typed longer ago than this when the page is killed is on the device (docs/faults.md#a-page-dies). */
const AT_MOST_LOST_MS = 50;
const KEY_EVERY_MS = 10;
const KILLS = 10;

let server: TestServer;
serve('test', (started) => (server = started));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Killed {
  /** What the page had applied longer than AT_MOST_LOST_MS before it was killed. */
  readonly owed: string;
  /** Everything that was typed. */
  readonly typed: string;
}

/** Types key by key, and kills the page's process `afterMs` after the last one. */
async function typeAndKill(page: Page, text: string, afterMs: number): Promise<Killed> {
  const devtools = await page.context().newCDPSession(page);
  const applied: { readonly key: string; readonly atMs: number }[] = [];
  const begunAt = performance.now();
  for (const [place, key] of [...text].entries()) {
    await wait(begunAt + place * KEY_EVERY_MS - performance.now());
    // Answered when the page has handled it.
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

test('a page that is killed while somebody types offline loses at most the last 50 ms, and doubles nothing', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Before. ' });
  const address = `${server.url}${url}`;
  // The browser stays, whatever becomes of its tabs.
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
    // A beginning of what was typed, and nothing of it twice.
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
