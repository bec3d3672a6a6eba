/** The list of documents: found again by search, star and folder; thrown away and brought back. */
import { expect, test, type Locator } from '@playwright/test';
import type { DocumentList } from '@concord/protocol';
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
  await person.page.getByRole('button', { name: action }).click();
}

test('a search finds words of titles and texts, of what one may read and of nothing else', async ({
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
  // Not Bob's: neither the secret one, nor the one that Ann was never told of.
  await expect(ann.page.getByText('2 documents')).toBeVisible();

  // Once she opened what he shared, it is hers to find.
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

test('stars and folders are one’s own', async ({ browser }) => {
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
  // What is created here is in here.
  await ann.page.getByRole('button', { name: 'New document' }).click();
  await ann.title.fill('Begun in the folder');
  await expect(ann.status).toHaveText('Saved');
  await ann.page.goBack();
  await expect(row(ann, 'Begun in the folder')).toBeVisible();
  // Also without a network.
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

test('a page that lost its document to the trash goes on when it is restored', async ({
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

test('what goes into the trash comes back, and is gone only when one says so twice', async ({
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

  // Somebody who reads it meanwhile is shown out; its owner sees where it is, and restores it there.
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
  await act(ann, 'Letter', 'Delete for ever…');
  await ann.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(row(ann, 'Letter')).toBeVisible();
  await act(ann, 'Letter', 'Delete for ever…');
  await ann.dialog.getByRole('button', { name: 'Delete for ever' }).click();
  await expect(row(ann, 'Letter')).toHaveCount(0);
  await expect.poll(() => ann.request('GET', `/documents/${id}`).catch(String)).toContain('404');
  await ann.page.goto(`${server.url}${url}`);
  await expect(ann.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  await ann.leave();
});

test('a long list is shown piece by piece', async ({ browser }) => {
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
