/** A browser that refuses cookies: the page explains why they are needed, creates no document, stores nothing. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const HEADING = 'Concord needs cookies';

/** Drops every cookie, as in a browser that refuses them although `navigator.cookieEnabled` is true. */
async function withoutCookies(page: Page): Promise<void> {
  await page.route('**/*', async (route) => {
    const request = route.request();
    const { cookie: _cookie, ...sent } = await request.allHeaders();
    // Not fetched by Playwright, which would store the cookies in the browser.
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

/** The number of replicas stored in this browser. */
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

test('a browser that refuses cookies gets an explanation, and no document is created', async ({
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

  // The same for another person's document: each request would come from a new guest.
  const { url } = await server.createDocument({ text: 'Text.' });
  await page.goto(`${server.url}${url}`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(await keptReplicas(page)).toBe(0);

  // The same for a share link: each visit would add a new guest to it.
  await page.goto(`${server.url}/s/${'a'.repeat(26)}`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(written).toEqual([]);

  // Once cookies are allowed, the page works.
  await page.goto(`${server.url}/new`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(person.status).toHaveText('Saved');
  await person.leave();
});

test('a browser that starts to refuse cookies is told that its documents are still on the device', async ({
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

test('a lost guest cookie on a slow network is not mistaken for refused cookies', async ({
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
  // The first response sets a new cookie, late; the second request carries it.
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

test('being offline is not mistaken for refused cookies', async ({ browser }) => {
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

test('a browser with navigator.cookieEnabled false gets the explanation at once', async ({
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
