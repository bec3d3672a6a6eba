/** The pages: first run, list, title, missing pages, phones. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started), limitsOfPeople);

test('a guest can write at once and find the text again, and others see it only once it is shared', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.page.getByRole('button', { name: 'New document' }).first().click();
  await expect(ann.page).toHaveURL(/\/d\/[a-z2-7]{26}$/);
  await ann.title.fill('Café notes');
  await ann.content.click();
  await ann.type('# Hello\nfrom **Ann**');
  await expect(ann.status).toHaveText('Saved');
  await expect(ann.page).toHaveURL(/\/d\/cafe-notes-[a-z2-7]{26}$/);
  await expect(ann.page).toHaveTitle(/Café notes/);
  await ann.page.reload();
  await expect.poll(() => ann.visibleText()).toBe('# Hello\nfrom **Ann**');
  await expect(ann.title).toHaveValue('Café notes');
  await expect(ann.status).toHaveText('Saved');

  // Once Ann allows it, others may open the address; the document is then in their lists.
  const address = ann.page.url();
  const id = address.slice(-26);
  await ann.request('PATCH', `/documents/${id}`, { anyone: 'editor' });
  const bob = await PersonAtPage.at(browser, `${server.url}/`);
  await expect(bob.page.getByRole('link', { name: /Café notes/ })).toHaveCount(0);
  await bob.page.goto(address);
  await expect.poll(() => bob.visibleText()).toContain('from **Ann**');
  await bob.title.fill('Renamed by Bob');
  await expect(ann.title).toHaveValue('Renamed by Bob');
  await ann.page.goto(`${server.url}/`);
  await expect(ann.page.getByRole('link', { name: /Renamed by Bob/ })).toBeVisible();
  await bob.page.goto(`${server.url}/`);
  await bob.page.getByRole('link', { name: /Renamed by Bob/ }).click();
  await expect.poll(() => bob.visibleText()).toContain('from **Ann**');
  await ann.leave();
  await bob.leave();
});

test('/new creates a document, and an unknown address shows a message', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/new`);
  await expect(ann.page).toHaveURL(/\/d\/[a-z2-7]{26}$/);
  await expect(ann.status).toHaveText('Saved');
  await ann.page.goto(`${server.url}/d/${'a'.repeat(26)}`);
  await expect(ann.page.getByRole('heading')).toHaveText(/not found|no such|does not exist/i);
  await expect(ann.page.getByRole('textbox', { name: 'Document text' })).toHaveCount(0);
  await ann.leave();
});

test('keyboard shortcuts format the selection, and undo reverts it', async ({ browser }) => {
  const { id, url } = await server.createDocument({ text: 'plain words' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(ann.status).toHaveText('Saved');
  await ann.content.click();
  await ann.press('Control+a', 'Control+b');
  await expect.poll(() => server.readText(id)).toBe('**plain words**');
  await ann.press('Control+i');
  await expect.poll(() => server.readText(id)).toBe('***plain words***');
  await ann.press('Control+z', 'Control+z');
  await expect.poll(() => server.readText(id)).toBe('plain words');
  await ann.press('Control+Alt+2');
  await expect.poll(() => server.readText(id)).toBe('## plain words');
  await ann.leave();
});

test('on a phone all controls are reachable, and the page does not overflow', async ({
  browser,
}) => {
  const long = 'A line that is long enough to be wrapped on any phone there is. '.repeat(5);
  const { url } = await server.createDocument({ title: 'On the phone', text: long });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  await ann.page.setViewportSize({ width: 390, height: 844 });
  await expect(ann.status).toBeVisible();
  await expect(ann.status).toHaveText('Saved');
  await expect(ann.title).toBeVisible();
  await expect(ann.people).toHaveCount(1);
  const overflow = await ann.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await ann.content.click();
  await ann.type('Typed on a phone. ');
  await expect(ann.status).toHaveText('Saved');
  for (const button of await ann.page.getByRole('toolbar').getByRole('button').all()) {
    const box = await button.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
  }
  await ann.leave();
});

test('markup in titles, names and texts is shown as text', async ({ browser }) => {
  const hostile = '<img src=x onerror="document.title=\'hacked\'"><script>alert(1)</script>';
  const { url } = await server.createDocument({
    title: hostile,
    text: `${hostile}\n\n[x](javascript:alert(1))`,
  });
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.chooseName('<b>Ann</b><img src=x>');
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  const dialogs: string[] = [];
  for (const { page } of [ann, bob]) page.on('dialog', (dialog) => dialogs.push(dialog.message()));
  await ann.page.goto(`${server.url}${url}`);
  await expect(ann.title).toHaveValue(hostile);
  await expect.poll(() => bob.visibleText()).toContain('<img src=x');
  await expect(bob.people).toHaveCount(2);
  await ann.content.click();
  await ann.type('here');
  await expect(bob.carets.first()).toContainText('<b>Ann</b>');
  expect(await bob.page.locator('img').count()).toBe(0);
  expect(await bob.page.title()).not.toBe('hacked');
  expect(dialogs).toEqual([]);
  await ann.leave();
  await bob.leave();
});
