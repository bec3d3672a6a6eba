/** A browser that refuses cookies: the page says what they are for, creates no document and keeps nothing. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

const HEADING = 'Concord needs cookies';

/** Every cookie that the server gives is lost on its way, as in a browser that refuses them, or within another page. */
async function withoutCookies(page: Page): Promise<void> {
  await page.route('**/*', async (route) => {
    const { cookie: _cookie, ...sent } = await route.request().allHeaders();
    const response = await route.fetch({ headers: sent });
    const { 'set-cookie': _setCookie, ...headers } = response.headers();
    await route.fulfill({ response, headers });
    await page.context().clearCookies();
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
  const created: string[] = [];
  const person = await PersonAtPage.at(browser, `${server.url}/new`, async (page) => {
    await withoutCookies(page);
    page.on('request', (request) => {
      const isWrite = request.method() === 'PUT' || request.method() === 'POST';
      if (isWrite && request.url().includes('/documents')) created.push(request.url());
    });
  });
  const { page } = person;
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('nothing was kept on this device');
  await expect(page.getByText('Saved')).toHaveCount(0);
  expect(created).toEqual([]);
  expect(await keptReplicas(page)).toBe(0);

  // A document of others is no different: its edits would be nobody's.
  const { url } = await server.createDocument({ text: 'Text.' });
  await page.goto(`${server.url}${url}`);
  await expect(page.getByRole('heading', { name: HEADING })).toBeVisible();
  expect(await keptReplicas(page)).toBe(0);

  // Allowed now: all is as ever.
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(person.status).toHaveText('Saved');
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
