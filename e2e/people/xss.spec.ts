/** Hostile strings in every field that people fill: they are shown as text, and no script in them runs. */
import { expect, test, type Page } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

/** Each sets `__xss` or opens a dialog if it runs. The short ones fit into names; all fit into titles. */
const corpus: readonly string[] = [
  '<script>window.__xss=1</script>',
  '<img src=x onerror=window.__xss=1>',
  '"><svg onload=window.__xss=1>',
  "'-alert(1)-'",
  '</title><script>alert(1)</script>',
  '</textarea><img src onerror=alert(1)>',
  '<iframe srcdoc="<script>parent.__xss=1</script>">',
  '<a href="javascript:window.__xss=1">x</a>',
  'javascript:window.__xss=1',
  'data:text/html,<script>alert(1)</script>',
  '{{constructor.constructor("window.__xss=1")()}}',
  '${window.__xss=1}',
  '<details open ontoggle=window.__xss=1>',
  '<style>@import "javascript:alert(1)"</style>',
  '<math><mtext></p><style><!--</style><img src onerror=alert(1)>',
  '\u0002<img src=x onerror=window.__xss=1>\u0003',
  '[x](javascript:window.__xss=1) ![y](x"onerror="window.__xss=1)',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '__proto__',
  '\u202E<script>alert(1)</script>',
];

/** Collects all signs that a script ran or was blocked. */
class Watch {
  readonly found: string[] = [];

  readonly begin = async (page: Page): Promise<void> => {
    page.on('dialog', (dialog) => {
      this.found.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => this.found.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.found.push(message.text());
    });
    page.on('request', (request) => {
      if (/\/x"?$/.test(new URL(request.url()).pathname)) this.found.push(request.url());
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) => {
        console.error(`Content Security Policy: ${violatedDirective} ${sample}`);
      });
    });
  };

  async expectNothing(person: PersonAtPage): Promise<void> {
    expect(await person.page.evaluate(() => '__xss' in globalThis)).toBe(false);
    // The editor puts images without a source beside its widgets.
    const elements = 'iframe, img:not(.cm-widgetBuffer), script:not([src])';
    expect(await person.page.locator(elements).count()).toBe(0);
    expect(this.found).toEqual([]);
  }
}

test('the content security policy allows only the app’s own scripts', async ({ request }) => {
  for (const path of ['/', '/new', '/sign-in', `/s/${'a'.repeat(26)}`, `/d/${'a'.repeat(26)}`]) {
    const policy =
      (await request.get(server.url + path)).headers()['content-security-policy'] ?? '';
    const directives = new Map(
      policy.split(';').map((directive) => {
        const [name = '', ...sources] = directive.trim().split(/\s+/);
        return [name, sources];
      }),
    );
    expect(directives.get('script-src'), path).toEqual(["'self'"]);
    expect(directives.get('default-src'), path).toEqual(["'none'"]);
    expect(directives.get('frame-ancestors'), path).toEqual(["'none'"]);
    expect(directives.get('base-uri'), path).toEqual(["'none'"]);
  }
});

test('the XSS watch detects a script that runs, and the policy blocks an injected one', async ({
  browser,
}) => {
  const watch = new Watch();
  const ann = await PersonAtPage.at(browser, `${server.url}/`, watch.begin);
  await ann.page.getByRole('button', { name: 'New document' }).first().waitFor();
  await ann.page.evaluate(() => {
    const image = document.createElement('div');
    image.innerHTML = '<img src="/x" onerror="window.__xss=1">';
    document.body.append(image);
  });
  await expect.poll(() => watch.found.join('\n')).toContain('script-src');
  expect(watch.found.join('\n')).toContain(`${server.url}/x`);
  expect(await ann.page.evaluate(() => '__xss' in globalThis)).toBe(false);
  await ann.leave();
});

test('markup in titles, names, folders, labels, texts and search results is shown as text', async ({
  browser,
}) => {
  const watch = new Watch();
  const ann = await PersonAtPage.at(browser, `${server.url}/`, watch.begin);
  const bob = await PersonAtPage.at(browser, `${server.url}/`, watch.begin);
  const text = corpus.join('\n\n');

  // One document for each string: in its title, its folder, its text.
  const addresses: string[] = [];
  for (const hostile of corpus) {
    const { id, url } = await ann.request<{ id: string; url: string }>('POST', '/documents', {
      title: hostile,
      text: `needle ${hostile} needle`,
      anyone: 'editor',
      folder: hostile,
    });
    addresses.push(url);
    await ann.request('POST', `/documents/${id}/links`, { role: 'viewer', label: hostile });
  }
  await ann.page.goto(`${server.url}/`);
  for (const hostile of corpus) {
    const shown = hostile.trim();
    await expect(
      ann.page.getByRole('main').getByText(shown, { exact: true }).first(),
    ).toBeVisible();
  }
  await watch.expectNothing(ann);

  // Searched for, and found in the passages.
  for (const query of ['needle', 'script', 'onerror', corpus[1] ?? '']) {
    await ann.page.goto(`${server.url}/?q=${encodeURIComponent(query)}`);
    await expect(ann.page.locator('mark').first()).toBeVisible();
  }
  await watch.expectNothing(ann);

  // Folders, and every dialog about a document.
  for (const hostile of [corpus[1] ?? '', corpus[2] ?? '']) {
    await ann.page.goto(`${server.url}/?folder=${encodeURIComponent(hostile)}`);
    await expect(ann.page.getByRole('heading', { level: 1 })).toHaveText(hostile);
    await ann.page.getByRole('button', { name: `Actions for “${hostile}”` }).click();
    await ann.choose('Move to folder…');
    await expect(ann.dialog).toContainText(hostile);
    await ann.press('Escape');
  }
  await watch.expectNothing(ann);

  // A document with all of them in its text, written by people with such names.
  const [nameOfAnn, nameOfBob] = [corpus[1] ?? '', corpus[2] ?? ''];
  await ann.chooseName(nameOfAnn);
  await bob.chooseName(nameOfBob);
  const all = await ann.createDocument(corpus[0] ?? '', text);
  await ann.request('PATCH', `/documents/${all.id}`, { anyone: 'editor' });
  await bob.page.goto(`${server.url}${all.url}`);
  await expect(bob.status).toHaveText('Saved');
  await bob.content.click();
  await bob.type('here');
  await expect(ann.carets.first()).toContainText(nameOfBob);
  await expect.poll(() => ann.visibleText()).toContain('<iframe srcdoc=');
  await expect(ann.title).toHaveValue(corpus[0] ?? '');
  await watch.expectNothing(ann);
  await watch.expectNothing(bob);

  // The share dialog, with a person and links of such names; and the page of a link that is none.
  const { userId } = await bob.request<{ userId: string }>('GET', '/me');
  const invited = { userId, role: 'editor' };
  const { id } = await ann.request<{ id: string }>('POST', `/documents/${all.id}/people`, invited);
  await bob.request('POST', `/me/invitations/${id}/accept`);
  await ann.request('POST', `/documents/${all.id}/links`, { role: 'viewer', label: corpus[6] });
  await ann.shareButton.click();
  await expect(ann.dialog).toContainText(`${nameOfBob} has access of their own.`);
  await expect(ann.dialog).toContainText(corpus[6] ?? '');
  await ann.dialog.getByRole('button', { name: `Remove ${nameOfBob}` }).click();
  await expect(ann.dialog).toContainText(`${nameOfBob} loses access at once.`);
  await watch.expectNothing(ann);
  await bob.shareButton.click();
  await expect(bob.dialog).toContainText(`It belongs to ${nameOfAnn}.`);
  await watch.expectNothing(bob);
  for (const hostile of corpus) {
    await bob.page.goto(`${server.url}/s/${encodeURIComponent(hostile)}`);
    await expect(bob.page.locator('h1')).toBeVisible();
  }
  for (const address of addresses.slice(0, 4)) {
    await bob.page.goto(server.url + address);
    await expect(bob.status).toHaveText('Saved');
  }
  await watch.expectNothing(bob);
  await ann.leave();
  await bob.leave();
});
