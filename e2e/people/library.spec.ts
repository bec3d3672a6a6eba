/** The list of documents: search, stars, folders, trash, and responses that arrive out of order. */
import { expect, test, type Locator } from '@playwright/test';
import type { DocumentList } from '@concord/protocol';
import { asks, holdNext } from '../support/held-request.ts';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

/** The row of a document in the list. */
function row({ page }: PersonAtPage, title: string): Locator {
  return page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: title }) });
}

async function view({ page }: PersonAtPage, name: string): Promise<void> {
  const navigation = page.getByRole('navigation', { name: 'Views and folders' });
  const link = navigation.getByRole('link', { name });
  await link.click();
  await expect(link).toHaveAttribute('aria-current', 'page');
}

async function act(person: PersonAtPage, title: string, action: string): Promise<void> {
  await person.page.getByRole('button', { name: `Actions for “${title}”` }).click();
  await person.choose(action);
}

test("search finds words of titles and texts, in the person's own and opened documents only", async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  const bob = await PersonAtPage.at(browser, `${server.url}/`);
  const create = (person: PersonAtPage, title: string, text: string, anyone = 'off') =>
    person.request<{ url: string }>('POST', '/documents', { title, text, anyone });
  await create(ann, 'Zoo', 'A walrus and an otter swim in the pond.');
  await create(ann, 'Walrus facts', 'They have tusks.');
  await create(ann, 'Shopping', 'Bread and butter.');
  await create(bob, 'Secret walrus', 'A walrus that nobody knows of.');
  const shown = await create(bob, 'Public walrus', 'A walrus for everybody.', 'viewer');

  await ann.page.goto(`${server.url}/`);
  await expect(row(ann, 'Shopping')).toBeVisible();
  const search = ann.page.getByRole('searchbox', { name: 'Search documents' });
  await ann.press('/');
  await expect(search).toBeFocused();
  await ann.type('walrus', 40);
  await expect(ann.page.getByRole('heading', { level: 1 })).toHaveText('Results for “walrus”');
  await expect(row(ann, 'Walrus facts')).toBeVisible();
  await expect(row(ann, 'Zoo').locator('mark')).toHaveText(['walrus']);
  await expect(row(ann, 'Shopping')).toHaveCount(0);
  // Of Bob's documents neither the private one nor the public one, which Ann has not opened yet.
  await expect(ann.page.getByText('2 documents')).toBeVisible();

  // A public document is found once Ann has opened it.
  await ann.page.goto(`${server.url}${shown.url}`);
  await expect(ann.status).toHaveText('View only');
  await ann.page.goto(`${server.url}/?q=walrus`);
  await expect(search).toHaveValue('walrus');
  await expect(row(ann, 'Public walrus')).toContainText('View only');
  await expect(row(ann, 'Secret walrus')).toHaveCount(0);
  await ann.page.goto(`${server.url}/?view=shared`);
  await expect(row(ann, 'Public walrus')).toBeVisible();
  await expect(row(ann, 'Zoo')).toHaveCount(0);

  await search.fill('no such word');
  await expect(ann.page.getByText('No document of yours has “no such word”')).toBeVisible();
  await search.press('Escape');
  await expect(row(ann, 'Shopping')).toBeVisible();
  await ann.leave();
  await bob.leave();
});

test('documents can be starred and put into folders, also offline', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  for (const title of ['Budget', 'Plan', 'Songs']) {
    await ann.request('POST', '/documents', { title, text: title });
  }
  await ann.page.goto(`${server.url}/`);
  await row(ann, 'Plan').hover();
  await ann.page.getByRole('button', { name: 'Star “Plan”' }).click();
  await expect(ann.page.getByRole('button', { name: 'Star “Plan”' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await view(ann, 'Starred');
  await expect(row(ann, 'Plan')).toBeVisible();
  await expect(row(ann, 'Budget')).toHaveCount(0);

  await view(ann, 'All');
  await act(ann, 'Budget', 'Move to folder…');
  await ann.dialog.getByLabel('New folder').fill('Work & more');
  await ann.press('Enter');
  await view(ann, 'Work & more');
  await expect(row(ann, 'Budget')).toBeVisible();
  await expect(row(ann, 'Plan')).toHaveCount(0);
  // A document created in the folder's view is in the folder.
  await ann.page.getByRole('button', { name: 'New document' }).click();
  await ann.title.fill('Begun in the folder');
  await expect(ann.status).toHaveText('Saved');
  await ann.page.goBack();
  await expect(row(ann, 'Begun in the folder')).toBeVisible();
  // The same without a network.
  await ann.untilOnDevice();
  await ann.setOffline(true);
  await ann.page.getByRole('button', { name: 'New document' }).click();
  await ann.title.fill('Begun on the train');
  await ann.page.goBack();
  await expect(row(ann, 'Begun on the train')).toBeVisible();
  await ann.setOffline(false);
  const inFolder = async (): Promise<readonly string[]> => {
    const list = await ann.request<DocumentList>('GET', '/documents?folder=Work%20%26%20more');
    return list.documents.map(({ title }) => title);
  };
  await expect.poll(inFolder).toContain('Begun on the train');

  await view(ann, 'All');
  await act(ann, 'Plan', 'Move to folder…');
  await ann.dialog.getByRole('button', { name: 'Work & more' }).click();
  await expect(row(ann, 'Plan')).toContainText('Work & more');
  await view(ann, 'Work & more');
  await act(ann, 'Plan', 'Move to folder…');
  await ann.dialog.getByRole('button', { name: 'No folder' }).click();
  await expect(row(ann, 'Plan')).toHaveCount(0);
  await expect(row(ann, 'Budget')).toBeVisible();
  await ann.page.reload();
  await expect(row(ann, 'Budget')).toBeVisible();
  await expect(row(ann, 'Plan')).toHaveCount(0);
  await ann.leave();
});

test('a page whose document was trashed resumes when the document is restored', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  const { id, url } = await ann.createDocument('Shared letter', 'Dear all');
  await ann.request('PATCH', `/documents/${id}`, { anyone: 'editor' });
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(bob.status).toHaveText('Saved');
  await ann.request('DELETE', `/documents/${id}`);
  await expect(bob.page.getByText('You no longer have access')).toBeVisible();
  await ann.request('POST', `/documents/${id}/restore`, {});
  await expect(bob.page.getByText('You no longer have access')).toHaveCount(0);
  await bob.content.focus();
  await bob.page.keyboard.press('Control+End');
  await bob.page.keyboard.type(', I am back');
  await expect(bob.status).toHaveText('Saved');
  await expect.poll(() => ann.readText(id)).toBe('Dear all, I am back');
  await ann.leave();
  await bob.leave();
});

test('a trashed document can be restored, and is purged only after a confirmation', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  const { id, url } = await ann.request<{ id: string; url: string }>('POST', '/documents', {
    title: 'Letter',
    text: 'Dear all',
  });
  await ann.page.goto(`${server.url}/`);
  await act(ann, 'Letter', 'Move to trash');
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await ann.page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(ann, 'Letter')).toBeVisible();

  // The owner can open a trashed document, read only, and restore it from its page.
  await act(ann, 'Letter', 'Move to trash');
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await ann.page.goto(`${server.url}${url}`);
  await expect(ann.page.getByText('This document is in the trash')).toBeVisible();
  await expect(ann.status).toHaveText('View only');
  await ann.page.getByRole('button', { name: 'Restore' }).click();
  await expect(ann.status).toHaveText('Saved');
  await expect(ann.page.getByText('This document is in the trash')).toHaveCount(0);
  await ann.content.click();
  await ann.press('Control+End');
  await ann.type(', and all the best');
  await expect(ann.status).toHaveText('Saved');

  await ann.page.goto(`${server.url}/`);
  await act(ann, 'Letter', 'Move to trash');
  await view(ann, 'Trash');
  await act(ann, 'Letter', 'Restore');
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await view(ann, 'All');
  await act(ann, 'Letter', 'Move to trash');
  await view(ann, 'Trash');
  await act(ann, 'Letter', 'Delete permanently…');
  await ann.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(row(ann, 'Letter')).toBeVisible();
  await act(ann, 'Letter', 'Delete permanently…');
  await ann.dialog.getByRole('button', { name: 'Delete permanently' }).click();
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await expect.poll(() => ann.request('GET', `/documents/${id}`).catch(String)).toContain('404');
  await ann.page.goto(`${server.url}${url}`);
  await expect(ann.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  await ann.leave();
});

test('a long list is loaded in pages of 50', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  for (let number = 1; number <= 60; number++) {
    await ann.request('POST', '/documents', { title: `Number ${number}` });
  }
  await ann.page.goto(`${server.url}/`);
  const rows = ann.page.getByRole('main').getByRole('listitem');
  await expect(rows).toHaveCount(50);
  await ann.page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows).toHaveCount(60);
  await expect(ann.page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await ann.leave();
});

const listOf = (view: string): RegExp =>
  view === 'All' ? /documents\?limit=/ : new RegExp(`documents\\?view=${view.toLowerCase()}`);

/** Actions in one view whose result shows in another. */
const seenElsewhere = [
  { action: 'Move to trash', from: 'All', to: 'Trash', request: asks('DELETE', /\/documents\//) },
  { action: 'Restore', from: 'Trash', to: 'All', request: asks('POST', /\/restore$/) },
  { action: 'Add star', from: 'All', to: 'Starred', request: asks('PATCH', /\/documents\//) },
  { action: 'Undo', from: 'Trash', to: 'All', request: asks('POST', /\/restore$/) },
];
for (const { action, from, to, request } of seenElsewhere) {
  test(`“${action}” shows in the view “${to}” although its list was fetched before the change reached the server`, async ({
    browser,
  }) => {
    const ann = await PersonAtPage.at(browser, `${server.url}/`);
    const { id } = await ann.request<{ id: string }>('POST', '/documents', { title: 'Letter' });
    if (action === 'Restore') await ann.request('DELETE', `/documents/${id}`);
    await ann.page.goto(`${server.url}/`);
    // Trashed in the page, not before: with an empty list the page shows the welcome instead of the views.
    if (action === 'Undo') await act(ann, 'Letter', 'Move to trash');
    const undo = ann.page.getByRole('button', { name: 'Undo' });
    if (action === 'Undo') await expect(undo).toBeVisible();
    await view(ann, from);
    await expect(row(ann, 'Letter')).toBeVisible();

    const hold = await holdNext(ann.page, request);
    await (action === 'Undo' ? undo.click() : act(ann, 'Letter', action));
    await hold.sent;
    const isList = asks('GET', listOf(to));
    const list = ann.page.waitForResponse((answer) => isList(answer.request()));
    await view(ann, to);
    await (await list).finished();
    await hold.release();
    await expect(row(ann, 'Letter')).toBeVisible();
    await ann.leave();
  });
}

test('a document moved to a folder shows there although the list was fetched before the move reached the server', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.request('POST', '/documents', { title: 'Letter' });
  await ann.request('POST', '/documents', { title: 'Budget', folder: 'Work' });
  await ann.page.goto(`${server.url}/`);
  const hold = await holdNext(ann.page, asks('PATCH', /\/documents\//));
  await act(ann, 'Letter', 'Move to folder…');
  await ann.dialog.getByRole('button', { name: 'Work' }).click();
  await hold.sent;
  await view(ann, 'Work');
  await expect(row(ann, 'Budget')).toBeVisible();
  await hold.release();
  await expect(row(ann, 'Letter')).toBeVisible();
  await ann.leave();
});

test('an Undo in the Trash view removes the document from it and keeps the rest of the list', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  const { id } = await ann.request<{ id: string }>('POST', '/documents', { title: 'Budget' });
  await ann.request('DELETE', `/documents/${id}`);
  await ann.request('POST', '/documents', { title: 'Letter' });
  await ann.page.goto(`${server.url}/`);
  await act(ann, 'Letter', 'Move to trash');
  const undo = ann.page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeVisible();
  await view(ann, 'Trash');
  await expect(row(ann, 'Letter')).toBeVisible();
  await undo.click();
  await expect(ann.page.getByText('“Letter” is back.')).toBeVisible();
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await expect(row(ann, 'Budget')).toBeVisible();
  await ann.leave();
});

test('a list response from before a change does not revert the change', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  for (const title of ['Budget', 'Plan', 'Songs']) {
    await ann.request('POST', '/documents', { title, text: title });
  }
  await ann.page.goto(`${server.url}/`);
  await expect(row(ann, 'Plan')).toBeVisible();
  const isList = asks('GET', listOf('All'));
  const comeBack = (): Promise<unknown> =>
    ann.page.evaluate(() => dispatchEvent(new Event('focus')));
  // Focus refetches the list; the held response is from before the next change.
  const hold = await holdNext(ann.page, isList, 'after the server');
  await comeBack();
  await hold.sent;
  await act(ann, 'Budget', 'Move to trash');
  await expect(ann.page.getByRole('button', { name: 'Undo' })).toBeVisible();
  // Records every content of the list from now on, however briefly it is shown.
  await ann.page.evaluate(() => {
    const seen: string[] = [];
    (globalThis as unknown as { seenLists: string[] }).seenLists = seen;
    const look = (): void => void seen.push(document.querySelector('main')?.textContent ?? '');
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  });
  await hold.release();
  const next = ann.page.waitForResponse((answer) => isList(answer.request()));
  await comeBack();
  await (await next).finished();
  await view(ann, 'Trash');
  await expect(row(ann, 'Budget')).toBeVisible();
  await view(ann, 'All');
  await expect(row(ann, 'Songs')).toBeVisible();
  const seen = await ann.page.evaluate(
    () => (globalThis as unknown as { seenLists: string[] }).seenLists,
  );
  const before = seen.slice(
    0,
    seen.findIndex((text) => text.startsWith('Trash')),
  );
  expect(before.filter((text) => text.includes('Budget'))).toEqual([]);
  await ann.leave();
});

test('on a first visit the account menu stays open when the list arrives', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await expect(ann.page.getByRole('main').getByRole('button')).toBeVisible();
  const hold = await holdNext(ann.page, asks('GET', /\/documents(\?|$)/));
  await ann.page.reload();
  await hold.sent;
  await ann.accountMenu.click();
  await expect(ann.menu).toBeVisible();
  await hold.release();
  await expect(ann.page.getByRole('main')).toHaveClass(/message-welcome/);
  await expect(ann.menu).toBeVisible();
  await ann.leave();
});
