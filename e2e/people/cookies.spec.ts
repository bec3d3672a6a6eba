/** A browser that refuses cookies: the page says what they are for, creates no document and keeps nothing. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const HEADING = 'Concord needs cookies';

/** Every cookie is lost on its way, as in a browser that refuses them, though the browser says that it does not. */
async function withoutCookies(page: Page): Promise<void> {
  await page.route('**/*', async (route) => {
    const request = route.request();
    const { cookie: _cookie, ...sent } = await request.allHeaders();
    // Not by Playwright, which keeps the cookies of what it fetches for the browser.
    const answer = await fetch(request.url(), {
      method: request.method(),
      headers: sent,
      body: request.postData(),
    }).catch(() => null);
    if (answer === null) return route.abort();
    const lost = new Set(['set-cookie', 'content-encoding', 'content-length']);
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !lost.has(name)));
    const body = Buffer.from(await answer.arrayBuffer());
    return route.fulfill({ status: answer.status, headers, body });
  });
}

/** What is kept of documents in this browser. */
function keptReplicas(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('concord');
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => resolve(0);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('replicas').objectStore('replicas').count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
  );
}

test('a browser that refuses cookies is told so, and leaves no document behind', async ({
  browser,
}) => {
  const written: string[] = [];
  const person = await PersonAtPage.at(browser, `${server.url}/new`, async (page) => {
    await withoutCookies(page);
    page.on('request', (request) => {
      const isWrite = request.method() !== 'GET';
      if (isWrite && /\/documents|\/links/.test(request.url())) written.push(request.url());
    });
  });
  const { page } = person;
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('nothing was kept on this device');
  await expect(page.getByText('Saved')).toHaveCount(0);
  expect(written).toEqual([]);
  expect(await keptReplicas(page)).toBe(0);
  await page.reload();
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(written).toEqual([]);

  // A document of others is no different: its edits would belong to a stranger.
  const { url } = await server.createDocument({ text: 'Text.' });
  await page.goto(`${server.url}${url}`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(await keptReplicas(page)).toBe(0);

  // Nor is a link, which has room for so many people.
  await page.goto(`${server.url}/s/${'a'.repeat(26)}`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(written).toEqual([]);

  // Allowed now: all is as ever.
  await page.goto(`${server.url}/new`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(person.status).toHaveText('Saved');
  await person.leave();
});

test('a browser that refuses cookies from now on is told that what the device has is still there', async ({
  browser,
}) => {
  const person = await PersonAtPage.at(browser, `${server.url}/new`);
  const { page } = person;
  await person.content.click();
  await person.type('Before.');
  await expect(person.status).toHaveText('Saved');
  await withoutCookies(page);
  await page.goto(`${server.url}/`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('is still on it');
  expect(await keptReplicas(page)).toBe(1);
  await person.leave();
});

test('a guest who lost the cookie, and has a slow network, is not told that cookies are refused', async ({
  browser,
}) => {
  const person = await PersonAtPage.at(browser, `${server.url}/`);
  const { page } = person;
  await expect(person.accountMenu).toBeVisible();
  await page.context().clearCookies();
  await page.context().route('**/api/v1/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  // The first answer gives another cookie, late; by that the second one knows the guest.
  const known = page.waitForResponse(
    (answer) => answer.url().endsWith('/api/v1/me') && answer.headers()['concord-guest'] !== 'new',
  );
  await page.goto(`${server.url}/`);
  await known;
  await page.goto(`${server.url}/new`);
  await person.content.click();
  await person.type('With a new cookie.');
  await expect(person.status).toHaveText('Saved');
  await expect(page.getByRole('heading', { name: HEADING })).toHaveCount(0);
  await person.leave();
});

test('a guest who is offline is not told that cookies are refused', async ({ browser }) => {
  const person = await PersonAtPage.at(browser, `${server.url}/`);
  const { page } = person;
  await expect(person.accountMenu).toBeVisible();
  await person.untilOnDevice();
  await person.setOffline(true);
  await page.goto(`${server.url}/new`);
  await person.content.click();
  await person.type('On a train.');
  await expect(person.status).toContainText('kept on this device');
  await expect(page.getByRole('heading', { name: HEADING })).toHaveCount(0);
  await person.setOffline(false);
  await expect(person.status).toHaveText('Saved');
  await expect(page.getByRole('heading', { name: HEADING })).toHaveCount(0);
  await person.leave();
});

test('a browser that says itself that it refuses cookies is believed at once', async ({
  browser,
}) => {
  const person = await PersonAtPage.at(browser, `${server.url}/`, async (page) => {
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });
    });
  });
  await expect(person.page.getByRole('heading', { name: HEADING })).toBeVisible();
  await person.leave();
});
