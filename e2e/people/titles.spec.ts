/** Concurrent edits of a title: all words are merged, and each caret stays in place. */
import { expect, test } from '@playwright/test';
import { HeldSocket } from '../support/held-socket.ts';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
serve('test', (started) => (server = started), limitsOfPeople);

const caretOf = (person: PersonAtPage): Promise<number | null> =>
  person.title.evaluate((field: HTMLInputElement) => field.selectionStart);

test('concurrent typing in a title keeps the words and carets of both people', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ title: 'Report', text: 'text' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  for (const person of [ann, bob]) {
    await expect(person.status).toHaveText('Saved');
    await expect(person.title).toHaveValue('Report');
    await person.title.click();
  }
  await ann.press('Home');
  await bob.press('End');
  await Promise.all([ann.type('My '), bob.type('!')]);
  for (const person of [ann, bob]) await expect(person.title).toHaveValue('My Report!');
  expect(await caretOf(ann)).toBe('My '.length);
  expect(await caretOf(bob)).toBe('My Report!'.length);

  // Both type on while the other's edits arrive.
  await Promise.all([ann.type('own long ', 150), bob.type(' And ours', 150)]);
  for (const person of [ann, bob]) {
    await expect(person.title).toHaveValue('My own long Report! And ours');
    await expect(person.status).toHaveText('Saved');
  }
  expect(await caretOf(ann)).toBe('My own long '.length);
  const listed = await ann.request<{ title: string }>('GET', `/documents/${id}`);
  expect(listed.title).toBe('My own long Report! And ours');
});

test('a title typed before the page has joined replaces the title that the page shows', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ title: 'Café notes', text: 'text' });
  const socket = new HeldSocket();
  socket.isHeld = true;
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`, socket.prepare);
  await expect(bob.title).toHaveValue('Café notes');
  await bob.title.fill('Renamed by Bob');
  await expect(bob.title).toHaveValue('Renamed by Bob');
  socket.letGo();
  await expect(bob.status).toHaveText('Saved');
  const listed = await bob.request<{ title: string }>('GET', `/documents/${id}`);
  expect(listed.title).toBe('Renamed by Bob');
});

test('a title edited offline is merged with concurrent edits of others', async ({ browser }) => {
  const { url } = await server.createDocument({ title: 'Report', text: 'text' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  for (const person of [ann, bob]) await expect(person.status).toHaveText('Saved');
  await ann.setOffline(true);
  await ann.title.click();
  await ann.press('End');
  await ann.type(' of Ann');
  await bob.title.click();
  await bob.press('Home');
  await bob.type('Great ');
  await expect(bob.status).toHaveText('Saved');
  await expect(ann.title).toHaveValue('Report of Ann');
  await ann.setOffline(false);
  for (const person of [ann, bob]) {
    await expect(person.title).toHaveValue('Great Report of Ann', { timeout: 40_000 });
    await expect(person.status).toHaveText('Saved', { timeout: 40_000 });
  }
});

test('a remote change of the title reaches the field only after an input method composition', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ title: '報告', text: 'text' });
  const ann = await PersonAtPage.at(browser, `${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  for (const person of [ann, bob]) await expect(person.status).toHaveText('Saved');
  await ann.title.click();
  await ann.press('End');
  const keyboard = await ann.page.context().newCDPSession(ann.page);
  await keyboard.send('Input.imeSetComposition', {
    text: 'かい',
    selectionStart: 2,
    selectionEnd: 2,
  });
  await expect(ann.title).toHaveValue('報告かい');
  await bob.title.click();
  await bob.press('Home');
  await bob.type('新');
  await expect(bob.status).toHaveText('Saved');
  await expect(ann.page).toHaveTitle('新報告 · Concord');
  await expect(ann.title).toHaveValue('報告かい');
  await keyboard.send('Input.insertText', { text: '会' });
  for (const person of [ann, bob]) await expect(person.title).toHaveValue('新報告会');
  expect(await caretOf(ann)).toBe('新報告会'.length);
  const listed = (): Promise<{ title: string }> => ann.request('GET', `/documents/${id}`);
  await expect.poll(async () => (await listed()).title).toBe('新報告会');
});
