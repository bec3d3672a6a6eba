/** The app in German and in the pseudo-locale: nothing is left in English, and nothing is too wide. */
import { readFileSync } from 'node:fs';
import { expect, test, type Browser, type Page } from '@playwright/test';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started), limitsOfPeople);

type Catalogue = Readonly<Record<string, string>>;
const catalogue = (name: string): Catalogue =>
  JSON.parse(
    readFileSync(new URL(`../../apps/web/src/i18n/locales/${name}.json`, import.meta.url), 'utf8'),
  ) as Catalogue;
const english = catalogue('en');
const german = catalogue('de');

const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
} as const;
type Size = keyof typeof sizes;

/** What a person reads or hears on the page now, but for what people wrote themselves, and times. */
function readTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const own = '.cm-content, time, kbd, option[lang]';
    const texts: string[] = [document.title];
    for (const element of document.querySelectorAll('body *')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(own) !== null)
        continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
        const value = element.getAttribute(name);
        if (value !== null) texts.push(value);
      }
      for (const node of element.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent ?? '');
      }
    }
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  });
}

/** Texts of the English catalogue without arguments that German says otherwise. */
const onlyEnglish = new Set(
  Object.entries(english)
    .filter(([id, text]) => !text.includes('{') && german[id] !== text)
    .map(([, text]) => text)
    // The same letters are German elsewhere.
    .filter((text) => !Object.values(german).includes(text)),
);

/** What no language translates: names of products and keys, and the sign for upper and lower case. */
const names = /Concord|Markdown|API|\bAlt\b|^Aa$/gu;

const untranslated: Readonly<Record<'de-DE' | 'en-XA', (text: string) => boolean>> = {
  'de-DE': (text) => onlyEnglish.has(text),
  'en-XA': (text) => /[A-Za-z]{2}/.test(text.replace(names, '')),
};

async function expectInLanguage(page: Page, language: 'de-DE' | 'en-XA', where: string) {
  const texts = await readTexts(page);
  expect(texts.length, where).toBeGreaterThan(2);
  expect(texts.filter(untranslated[language]), where).toEqual([]);
  const tooWide = await page.evaluate(() => {
    const page = document.documentElement;
    const found = page.scrollWidth > innerWidth ? [`the page is ${page.scrollWidth} wide`] : [];
    for (const dialog of document.querySelectorAll('[role="dialog"], [role="menu"]')) {
      const { left, right } = dialog.getBoundingClientRect();
      if (left < 0 || right > innerWidth || dialog.scrollWidth > dialog.clientWidth + 1)
        found.push(`${dialog.className} goes from ${left} to ${right}, ${dialog.scrollWidth} wide`);
    }
    return found;
  });
  expect(tooWide, where).toEqual([]);
  const pictures = process.env['CONCORD_E2E_PICTURES'];
  if (pictures !== undefined) {
    const { width } = page.viewportSize() ?? { width: 0 };
    await page.screenshot({ path: `${pictures}/${language}-${width}-${where}.png` });
  }
}

async function open(browser: Browser, language: 'de-DE' | 'en-XA', size: Size): Promise<Page> {
  const context = await browser.newContext({
    viewport: sizes[size],
    locale: language === 'de-DE' ? 'de-DE' : 'en-US',
    colorScheme: size === 'phone' ? 'dark' : 'light',
  });
  const page = await context.newPage();
  if (language === 'en-XA') {
    await page.addInitScript(() => localStorage.setItem('concord.language', 'en-XA'));
  }
  return page;
}

const api = (page: Page, method: string, path: string, body: object): Promise<string> =>
  page.evaluate(
    async ([how, where, what]) => {
      const answer = await fetch(`/api/v1${where}`, {
        method: how,
        headers: { 'content-type': 'application/json' },
        body: what,
      });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.text();
    },
    [method, path, JSON.stringify(body)] as const,
  );

for (const language of ['de-DE', 'en-XA'] as const) {
  for (const size of Object.keys(sizes) as readonly Size[]) {
    test(`in ${language} on a ${size} every page is translated and fits`, async ({ browser }) => {
      const page = await open(browser, language, size);
      const shows = (where: string) => expectInLanguage(page, language, where);
      await page.goto(`${server.url}/`);
      await expect(page.locator('html')).toHaveAttribute(
        'lang',
        language === 'de-DE' ? 'de' : 'en-XA',
      );
      // Instead of the name that the server gave.
      await api(page, 'PATCH', '/me', { name: 'ÄÖÜ 1' });
      await page.reload();
      await page.locator('main h1').first().waitFor();
      await shows('first-visit');

      const made = await api(page, 'POST', '/documents', { title: '1 2 3', text: '1 2 3' });
      const { url } = JSON.parse(made) as { url: string };
      await page.goto(`${server.url}/`);
      await page.locator('.document-row').first().waitFor();
      await shows('library');
      await page.locator('.document-row button').last().click();
      await shows('row-menu');
      await page.keyboard.press('Escape');
      await page.locator('.own-name').click();
      await page.getByRole('menu').waitFor();
      await shows('account-menu');
      await page.getByRole('menuitem').nth(1).click();
      await page.getByRole('dialog').getByRole('combobox').waitFor();
      await shows('language');
      await page.keyboard.press('Escape');
      await page.goto(`${server.url}/?view=trash`);
      await page.locator('main h1, h1').first().waitFor();
      await shows('trash');

      await page.goto(`${server.url}/sign-in`);
      await page.locator('form').waitFor();
      await shows('sign-in');
      await page.goto(`${server.url}/sign-up`);
      await page.locator('form').waitFor();
      await shows('sign-up');
      await page.goto(`${server.url}/d/${'a'.repeat(26)}`);
      await page.locator('main h1').waitFor();
      await shows('not-found');

      await page.goto(server.url + url);
      await page.locator('.cm-content').waitFor();
      await expect(page.getByRole('status')).toHaveText(
        language === 'de-DE' ? 'Gespeichert' : /^⟦Šàṽéđ/u,
      );
      await shows('document');
      await page.locator('.cm-content').click();
      await page.keyboard.press('Control+f');
      await page.locator('.search-panel, .cm-panel').first().waitFor();
      await shows('find');
      await page.keyboard.press('Escape');
      await page.locator('.cm-content').click();
      await page.keyboard.press('Control+/');
      await page.getByRole('dialog').waitFor();
      await shows('key-sheet');
      await page.keyboard.press('Escape');
      const share = language === 'de-DE' ? 'Teilen' : /^⟦Šĥàŕé/u;
      await page.getByRole('button', { name: share }).click();
      await page.getByRole('dialog').locator('h3, section').first().waitFor();
      await shows('share-dialog');
      await page.context().close();
    });
  }
}

test('the language is chosen in the account menu, and kept on the device', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  const catalogues: string[] = [];
  page.on('request', (request) => {
    if (/\/assets\/de-.*\.json$/.test(request.url())) catalogues.push(request.url());
  });
  await page.goto(`${server.url}/`);
  await page.getByRole('button', { name: /^You are / }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  expect(catalogues, 'who reads English loads no other catalogue').toEqual([]);
  await page.getByRole('menuitem', { name: 'Language' }).click();
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('button', { name: /^Du bist / })).toBeVisible();
  expect(catalogues.length).toBeGreaterThan(0);
  await page.reload();
  await page.getByRole('button', { name: /^Du bist / }).click();
  await page.getByRole('menuitem', { name: 'Sprache' }).click();
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('');
  await expect(page.getByRole('button', { name: /^You are / })).toBeVisible();
  await context.close();
});

test('after one visit in German the app opens in German without a network', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'de-DE' });
  const page = await context.newPage();
  await page.goto(`${server.url}/`);
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const cache = await caches.open('catalogues');
        return (await cache.keys()).length;
      }),
    )
    .toBe(1);
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('button', { name: 'Neues Dokument' }).first()).toBeVisible();
  await context.close();
});
