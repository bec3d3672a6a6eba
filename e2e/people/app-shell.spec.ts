/** The app shell and its service worker: installation, opening without a network, updates. */
import { expect, test, type Browser, type BrowserContext, type Page } from '@playwright/test';
import type { DocumentList } from '@concord/protocol';
import { PersonAtPage } from '../support/people.ts';
import { ReleasedApp } from '../support/released-app.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

/** Waits until the service worker has cached the shell and controls the page. */
async function onDevice(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (
      registration.active?.state === 'activated' && navigator.serviceWorker.controller !== null
    );
  });
}

const builds = (page: Page) => page.locator('meta[name="build"]');
const updateNotice = (page: Page) => page.getByText('A new version is ready');
/** Checks for a new version, as the page does every hour. */
const lookForVersion = (page: Page) =>
  page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));

/** The entries of the browser's caches, as `cache address`. */
const cached = (page: Page) =>
  page.evaluate(async () => {
    const found: string[] = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) found.push(`${name} ${url}`);
    }
    return found;
  });

test('the app can be installed, with its icons and colours', async ({ browser }) => {
  const type = browser.browserType();
  const profile = temporaryDirectory();
  // A persistent profile: a private window cannot install apps.
  const { launchOptions } = test.info().project.use;
  const context = await type.launchPersistentContext(profile.path, { ...launchOptions });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/`);
    await onDevice(page);
    const devtools = await context.newCDPSession(page);
    expect(await devtools.send('Page.getInstallabilityErrors')).toEqual({
      installabilityErrors: [],
    });

    const { url, errors, data } = await devtools.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const manifest = JSON.parse(data ?? '') as {
      icons: { src: string; sizes: string; purpose: string }[];
      shortcuts: { url: string }[];
    };
    expect(manifest).toMatchObject({
      name: 'Concord',
      short_name: 'Concord',
      start_url: '/',
      scope: '/',
      display: 'standalone',
    });
    expect(manifest.shortcuts.map((shortcut) => shortcut.url)).toEqual(['/new']);
    expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
      '192x192 any',
      '512x512 any',
      '512x512 maskable',
    ]);
    const touchIcon = await page.locator('link[rel="apple-touch-icon"]').getAttribute('href');
    for (const [address, sizes] of [
      ...manifest.icons.map(({ src, sizes: said }) => [src, said] as const),
      [touchIcon ?? '', '180x180'] as const,
    ]) {
      expect([address, await sizeOfImage(page, new URL(address, url).href)]).toEqual([
        address,
        sizes,
      ]);
    }

    // Requirements of installability audits for the page itself.
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.locator('meta[name="viewport"]')).toHaveAttribute(
      'content',
      /width=device-width/,
    );
    for (const [scheme, color] of [
      ['light', '#ffffff'],
      ['dark', '#1e1e1e'],
    ] as const) {
      const themeColor = page.locator(`meta[name="theme-color"][media*="${scheme}"]`);
      await expect(themeColor).toHaveAttribute('content', color);
      await page.emulateMedia({ colorScheme: scheme });
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(rgb(color)); // prettier-ignore
    }
    await expect(page.locator('noscript')).toHaveCount(1);
  } finally {
    await context.close();
    profile.remove();
  }
});

const rgb = (color: string): string =>
  `rgb(${[1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)).join(', ')})`;

const sizeOfImage = (page: Page, url: string): Promise<string> =>
  page.evaluate(async (src) => {
    const bitmap = await createImageBitmap(await (await fetch(src)).blob());
    return `${bitmap.width}x${bitmap.height}`;
  }, url);

test('without network and server the list opens, and so do the documents on this device', async ({
  browser,
}) => {
  const own = temporaryDirectory();
  let running = await TestServer.start({ dataDirectory: own.path });
  const { port, url } = running;
  const ann = await PersonAtPage.at(browser, `${url}/`);
  const { page } = ann;
  const context = page.context();
  const row = (title: string) => page.getByRole('listitem').filter({ hasText: title });
  await ann.request('POST', '/documents', { title: 'Far away', text: 'Not read here.' });
  const wanted = await ann.request<{ id: string }>('POST', '/documents', { title: 'For the train', text: 'Kept.' }); // prettier-ignore
  const code = '```rust\nfn main() {}\n```\n';
  const read = await ann.createDocument('Read here', code);
  await onDevice(page);
  await page.goto(`${url}/`);
  await row('For the train')
    .getByRole('button', { name: /^Actions/ })
    .click();
  await page.getByRole('menuitem', { name: 'Keep offline', exact: true }).click();
  await expect(page.getByText('“For the train” opens offline now.')).toBeVisible();
  await expect(row('For the train').getByText('Kept offline')).toHaveCount(1);
  // Keeping a document offline does not count as a visit.
  const { documents } = await ann.request<DocumentList>('GET', '/documents');
  expect(documents.find(({ id }) => id === wanted.id)).toMatchObject({ visitedAt: null });
  // The code language was loaded before the worker controlled the page; loading it again caches it.
  await page.goto(`${url}${read.url}`);
  await expect(page.locator('.cm-line span', { hasText: 'fn' }).first()).toBeVisible();
  const atHome = await cached(page);
  expect(atHome.filter((each) => each.startsWith('languages ')).length).toBeGreaterThan(0);
  // The caches contain no personal data: no API responses, no texts.
  expect(atHome.filter((each) => /\/api\/|\.md(\?|$)|\/d\/|\/s\//.test(each))).toEqual([]);

  // The worker serves the shell for pages only.
  for (const path of ['/api/v1/me', '/api/docs/json', '/livez', `/d/${wanted.id}.md`]) {
    const answer = await page.goto(`${url}${path}`);
    expect([path, answer?.status(), answer?.fromServiceWorker()]).toEqual([path, 200, false]);
  }
  expect((await page.goto(`${url}/`))?.fromServiceWorker()).toBe(true);

  await context.setOffline(true);
  await running.stop();
  await page.goto(`${url}/`);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(row('Far away')).toContainText('Not on this device');
  await expect(row('Far away').getByRole('link')).toHaveCount(0);
  await expect(row('Read here').getByRole('link')).toHaveCount(1);

  await page.getByRole('link', { name: /For the train/ }).click();
  await expect.poll(() => ann.visibleText()).toBe('Kept.');
  await page.goto(`${url}${read.url}`);
  await expect.poll(() => ann.visibleText()).toContain('fn main');
  await ann.content.click();
  await ann.type('abc');
  await expect(ann.status).toHaveText('Offline · 3 changes kept on this device');
  await expect.poll(() => ann.keptEdits()).toBe(3);
  await page.goto(`${url}/`);
  await expect(row('Read here')).toContainText('3 changes kept on this device');

  // Every page opens offline, under the content security policy of the server.
  for (const path of ['/account', '/sign-in', `/s/${wanted.id}`, '/']) {
    expect((await page.goto(`${url}${path}`))?.status(), path).toBe(200);
    await expect(page.locator('#root')).not.toBeEmpty();
  }
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "An inline script ran"';
    document.body.append(script);
  });
  await expect(page).toHaveTitle('Documents · Concord');

  // Network up, server down: the page names the server as the cause, and recovers when it is back.
  await context.setOffline(false);
  await expect(page.getByText('The server cannot be reached just now.')).toBeVisible();
  running = await TestServer.start({ dataDirectory: own.path, port });
  await expect(page.getByText('The server cannot be reached just now.')).toHaveCount(0);
  await expect(row('Far away').getByRole('link')).toHaveCount(1);
  await ann.leave();
  await running.stop();
  own.remove();
});

test('a new version waits while the page is in use, and the update loses no edits', async ({
  browser,
}) => {
  const app = await ReleasedApp.before(server.port);
  const ann = await PersonAtPage.at(browser, `${app.url}/`);
  const { page } = ann;
  await onDevice(page);
  await ann.createDocument('In the middle of it', '');
  await ann.content.click();
  await ann.type('half a sen');
  const second = app.release();
  await lookForVersion(page);
  await expect(updateNotice(page)).toBeVisible();
  await ann.type('tence');
  await expect(builds(page)).toHaveAttribute('content', '1');

  // Another tab stays on the old version and shows the notice, too.
  const tab = await ann.openTab(`${app.url}/`);
  await expect(updateNotice(tab.page)).toBeVisible();
  await expect(builds(tab.page)).toHaveAttribute('content', '1');
  await page.bringToFront();
  await page.getByRole('button', { name: 'Reload', exact: true }).click();
  await expect(builds(page)).toHaveAttribute('content', String(second));
  await expect.poll(() => ann.visibleText()).toBe('half a sentence');
  await expect(ann.status).toHaveText('Saved');
  await expect(updateNotice(page)).toHaveCount(0);
  await expect(updateNotice(tab.page)).toBeVisible();
  await tab.page.getByRole('button', { name: 'Reload', exact: true }).click();
  await expect(builds(tab.page)).toHaveAttribute('content', String(second));
  await tab.page.close();

  // A page without any input updates without asking.
  const third = app.release();
  await page.goto(`${app.url}/`);
  await expect(builds(page)).toHaveAttribute('content', String(third));
  await expect(updateNotice(page)).toHaveCount(0);

  // A build with a broken worker does not replace the former one.
  app.breakWorker();
  await lookForVersion(page).catch(() => undefined);
  await page.reload();
  await expect(page.getByRole('link', { name: /In the middle of it/ })).toBeVisible();
  await ann.leave();
  await app.close();
});

test('a page whose protocol version the server refuses updates itself, without a reload loop', async ({
  browser,
}) => {
  const { url } = await server.createDocument({ text: 'Of all versions' });
  const app = await ReleasedApp.before(server.port, 1);
  const ann = await PersonAtPage.at(browser, `${app.url}/`);
  const { page } = ann;
  await onDevice(page);
  let loads = 0;
  page.on('load', () => (loads += 1));
  // No newer build exists: the page reloads once past its cache, then shows a notice.
  await page.goto(`${app.url}${url}`);
  await expect(page.getByText('The server was updated', { exact: true })).toBeVisible();
  await expect.poll(() => loads).toBe(2);
  await page.reload();
  await expect(page.getByText('The server was updated', { exact: true })).toBeVisible();
  expect(loads).toBe(3);
  const second = app.release();
  await page.getByRole('button', { name: 'Reload', exact: true }).click();
  await expect(builds(page)).toHaveAttribute('content', String(second));
  await expect.poll(() => ann.visibleText()).toBe('Of all versions');
  await expect(ann.status).toHaveText('Saved');
  await ann.leave();

  // With a newer build the page updates without asking.
  const old = await ReleasedApp.before(server.port, 1);
  const bob = await PersonAtPage.at(browser, `${old.url}/`);
  await onDevice(bob.page);
  await bob.press('Tab');
  old.release();
  await bob.page.evaluate((path) => history.pushState({}, '', path), url);
  await bob.page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
  await expect(bob.status).toHaveText('Saved');
  await expect.poll(() => bob.visibleText()).toBe('Of all versions');
  await bob.leave();
  await Promise.all([app.close(), old.close()]);
});

test('the page checks for updates every hour, and Later dismisses the notice', async ({
  browser,
}) => {
  const app = await ReleasedApp.before(server.port);
  const ann = await PersonAtPage.at(browser, `${app.url}/`, async (page) => {
    await page.clock.install();
  });
  const { page } = ann;
  await onDevice(page);
  // Input, so that an update shows a notice instead of reloading the page.
  await page.keyboard.press('Tab');
  app.release();
  await page.clock.fastForward('59:00');
  await expect(updateNotice(page)).toHaveCount(0);
  await page.clock.fastForward('02:00');
  await expect(updateNotice(page)).toBeVisible();
  await page.getByRole('button', { name: 'Later' }).click();
  await expect(updateNotice(page)).toHaveCount(0);
  await ann.leave();
  await app.close();
});

test('the app works without a service worker, and with one that is broken from the start', async ({
  browser,
}) => {
  const app = await ReleasedApp.before(server.port);
  app.breakWorker();
  const ann = await PersonAtPage.at(browser, `${app.url}/`);
  await ann.createDocument('No worker', 'Text');
  await expect.poll(() => ann.visibleText()).toBe('Text');
  await ann.leave();

  const without = await contextWithout(browser);
  const page = await without.newPage();
  await page.goto(`${app.url}/new`);
  await expect(page.getByRole('status')).toHaveText('Saved');
  await without.close();
  await app.close();
});

/** A context without service workers and locks, as browsers are on plain http. */
async function contextWithout(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
    Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });
  });
  return context;
}
