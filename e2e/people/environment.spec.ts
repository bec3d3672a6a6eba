/** Skewed clocks, and networks that drop WebSockets: typing goes on, and the status is right. */
import { expect, test, type Page } from '@playwright/test';
import { NetworkProxy } from '../support/network-proxy.ts';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

const TOKEN_SECONDS = 20;
const PASSWORD = 'a password for tests';

let server: TestServer;
serve('file', (started) => (server = started), {
  CONCORD_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
});

/** Skews the page's wall clock against the server's; its timers run as usual. */
function skewed(minutes: number): (page: Page) => Promise<void> {
  return async (page) => {
    await page.addInitScript((ms) => {
      const RealDate = Date;
      class SkewedDate extends RealDate {
        constructor(...given: unknown[]) {
          super(...((given.length === 0 ? [RealDate.now() + ms] : given) as [number]));
        }
        static override now(): number {
          return RealDate.now() + ms;
        }
      }
      globalThis.Date = SkewedDate as DateConstructor;
    }, minutes * 60_000);
  };
}

for (const minutes of [-60, -3, 120]) {
  test(`a signed-in page whose clock is ${minutes} minutes off stays connected beyond the life of its token`, async ({
    browser,
  }) => {
    const person = await PersonAtPage.at(browser, `${server.url}/sign-up`, skewed(minutes));
    await person.signUp(`clock${minutes < 0 ? 'behind' : 'ahead'}${Math.abs(minutes)}`, PASSWORD);
    await expect(person.accountMenu).toContainText('clock');
    let refreshes = 0;
    person.page.on('request', (request) => {
      if (request.url().endsWith('/sessions/refresh')) refreshes++;
    });
    await person.page.goto(`${server.url}/new`);
    await person.content.click();
    await person.type('Begun.');
    await expect(person.status).toHaveText('Saved');
    const seen = await person.watchStatus();
    const loaded = refreshes;
    const until = Date.now() + 1.75 * TOKEN_SECONDS * 1_000;
    while (Date.now() < until) {
      await person.type(' more');
      await expect(person.status).toHaveText('Saved');
      await person.page.waitForTimeout(1_000);
    }
    expect((await seen()).filter((status) => /Offline|Reconnecting/.test(status))).toEqual([]);
    // The token is refreshed at three quarters of its lifetime, not every few seconds.
    expect(refreshes - loaded).toBeGreaterThan(0);
    expect(refreshes - loaded).toBeLessThanOrEqual(4);
    await person.leave();
  });
}

for (const treatment of ['swallows', 'answers'] as const) {
  test(`on a network that ${treatment} WebSocket upgrades and then drops all frames, the page falls back to polling`, async ({
    browser,
  }) => {
    const proxy = await NetworkProxy.before(server.port);
    proxy.treatment = treatment;
    const person = await PersonAtPage.at(browser, `${proxy.url}/new`);
    await person.content.click();
    await person.type('By polling.');
    await expect(person.status).toHaveText('Saved', { timeout: 40_000 });
    expect(proxy.upgrades).toBeGreaterThan(0);
    const id = /([a-z2-7]{26})$/.exec(new URL(person.page.url()).pathname)?.[1] ?? '';
    await expect.poll(() => person.readText(id)).toBe('By polling.');
    // The next page starts with the transport that worked.
    const remembered = await person.page.evaluate(() =>
      localStorage.getItem('concord.webSocketSilentAt'),
    );
    expect(Number(remembered)).toBeGreaterThan(0);
    await person.leave();
    await proxy.close();
  });
}

test('a silently dead connection is replaced at once on the browser event online', async ({
  browser,
}) => {
  const proxy = await NetworkProxy.before(server.port);
  const person = await PersonAtPage.at(browser, `${proxy.url}/new`);
  await person.content.click();
  await person.type('Before.');
  await expect(person.status).toHaveText('Saved');
  const before = proxy.upgrades;
  proxy.freeze();
  await person.page.evaluate(() => dispatchEvent(new Event('online')));
  // Faster than the heartbeat timeout, 15 s at the least; without typing there is no acknowledgement timeout.
  await expect.poll(() => proxy.upgrades, { timeout: 12_000 }).toBeGreaterThan(before);
  await person.type(' After.');
  await expect(person.status).toHaveText('Saved');
  await person.leave();
  await proxy.close();
});
