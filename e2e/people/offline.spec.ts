/**
 * Without a network or a server, people can open, write, reload, close, create and rename documents. After
 * reconnecting every change is applied once, and the status was right all along.
 */
import { readFileSync } from 'node:fs';
import { expect, test, type Browser, type Download } from '@playwright/test';
import type { DocumentId, DocumentResource, SignedIn } from '@concord/protocol';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

const PASSWORD = 'correct horse battery';
/** The reconnection backoff of a page grows to half a minute. */
const COME_BACK = { timeout: 40_000 };

let server: TestServer;
const restart = serve('test', (started) => (server = started));

const kept = (count: number): string =>
  `Offline · ${count} ${count === 1 ? 'change' : 'changes'} kept on this device`;
const documentAddress = (title: string): RegExp => new RegExp(`/d/${title}-[a-z2-7]{26}$`);

/** A person at the list, with the app shell cached. */
async function atList(browser: Browser, name: string): Promise<PersonAtPage> {
  const person = await PersonAtPage.at(browser, `${server.url}/`, async (page) => {
    await page.context().clock.install();
  });
  await person.chooseName(name);
  await person.untilOnDevice();
  return person;
}

async function typeAtEnd(person: PersonAtPage, text: string): Promise<void> {
  await person.content.click();
  await person.press('Control+End');
  await person.type(text, 0);
}

/** Statuses in order, without a final "Saved" and without "Saving…", which titles show at times of their own. */
function said(all: readonly string[]): readonly string[] {
  const steps = all.filter((each) => each !== 'Saving…');
  return steps.at(-1) === 'Saved' ? steps.slice(0, -1) : steps;
}

/** Fast-forwards the page's clock in steps until the status is shown. */
async function expectLater(
  person: PersonAtPage,
  status: string | RegExp,
  stepMs = 11_000,
): Promise<void> {
  await expect(async () => {
    await person.page.context().clock.fastForward(stepMs);
    await expect(person.status).toHaveText(status, { timeout: 500 });
  }).toPass(COME_BACK);
}

/** The two ways of being disconnected, and how the page shows each. */
const ways = [
  {
    name: 'the network is cut',
    cut: async (ann: PersonAtPage) => ann.setOffline(true),
    comeBack: async (ann: PersonAtPage) => ann.setOffline(false),
    note: 'You are offline.',
    // The browser reports it at once.
    between: /^(Connecting…|Offline( · \d changes? kept on this device)?)$/,
  },
  {
    name: 'the server is stopped',
    cut: async () => void (await server.stop()),
    comeBack: restart,
    note: 'The server cannot be reached just now.',
    between: /^(Connecting…|Reconnecting…)$/,
  },
] as const;

for (const { name, cut, comeBack, note, between } of ways) {
  test(`when ${name}, a person writes, reloads, closes, reopens, renames and creates documents; all arrives once`, async ({
    browser,
  }) => {
    const ann = await atList(browser, 'Ann');
    await ann.request('POST', '/documents', { title: 'Never read here', text: 'Far.' });
    const plan = await ann.request<DocumentResource>('POST', '/documents', {
      title: 'Plan',
      text: 'One.',
      anyone: 'editor',
    });
    await ann.page.goto(`${server.url}/`);
    await ann.row('Plan').getByRole('link').click();
    await expect(ann.status).toHaveText('Saved');
    const statuses = await ann.watchStatus();

    // Disconnected while typing: typing goes on, and the status escalates with time.
    await cut(ann);
    await expect.poll(async () => (await statuses()).some((each) => between.test(each))).toBe(true);
    await typeAtEnd(ann, ' Two');
    await expectLater(ann, kept(4), 4_000);
    const [before, ...meanwhile] = said(await statuses());
    expect([before, meanwhile.pop()]).toEqual(['Saved', kept(4)]);
    for (const each of meanwhile) expect(each).toMatch(between);
    await ann.page.reload();
    await expect.poll(() => ann.visibleText()).toBe('One. Two');
    await typeAtEnd(ann, '!');
    await ann.title.fill('Great plan');
    await expect(ann.page).toHaveTitle('Great plan · Concord');
    await expect(ann.page).toHaveURL(`${server.url}/d/great-plan-${plan.id}`);
    // The page is closed and opened again later.
    const again = await ann.openTab('about:blank');
    await ann.page.close();
    await again.page.goto(`${server.url}/d/plan-${plan.id}`);
    await expect.poll(() => again.visibleText()).toBe('One. Two!');
    await expect(again.title).toHaveValue('Great plan');
    await typeAtEnd(again, ' Three');
    await expectLater(again, kept(11));

    // A document created offline has its final address.
    const other = await again.openTab(`${server.url}/`);
    await expect(other.page.getByText(note)).toBeVisible();
    await other.page.getByRole('button', { name: 'New document' }).first().click();
    await expect(other.content).toBeFocused();
    await other.type('Made here', 0);
    await other.title.fill('Made alone');
    await expect(other.page).toHaveURL(documentAddress('made-alone'));
    const address = other.page.url();
    await other.page.reload();
    await expect.poll(() => other.visibleText()).toBe('Made here');
    await expect(other.title).toHaveValue('Made alone');
    await typeAtEnd(other, '.');
    await expect.poll(() => other.visibleText()).toBe('Made here.');
    await other.page.goto(`${server.url}/`);
    await expect(other.page.getByText(note)).toBeVisible();
    await expect(other.page.locator('.document-title')).toHaveText(['Made alone', 'Great plan', 'Never read here']); // prettier-ignore
    await expect(other.row('Made alone')).toContainText('Only on this device');
    await expect(other.row('Great plan')).toContainText('11 changes kept on this device');
    await expect(other.row('Never read here')).toContainText('Not on this device');
    await expect(other.row('Never read here').getByRole('link')).toHaveCount(0);
    await other.row('Made alone').getByRole('link').click();
    await expect.poll(() => other.visibleText()).toBe('Made here.');
    await expectLater(other, kept(10));

    const statusOf = { plan: await again.watchStatus(), made: await other.watchStatus() };
    await comeBack(again);
    // Steps shorter than the time for which "Merged" is shown.
    await expectLater(again, /^(Merged 11 changes|Saved)$/, 2_500);
    await expectLater(other, /^(Merged 10 changes|Saved)$/, 2_500);
    expect(said(await statusOf.plan())).toEqual([kept(11), 'Syncing 11 changes…', 'Merged 11 changes']); // prettier-ignore
    expect(said(await statusOf.made())).toEqual([kept(10), 'Syncing 10 changes…', 'Merged 10 changes']); // prettier-ignore
    expect(other.page.url()).toBe(address);
    const madeId = address.slice(-26);
    expect(await again.readText(plan.id)).toBe('One. Two! Three');
    expect(await again.readText(madeId)).toBe('Made here.');

    // All replicas agree: a second person, this person's list, and the server's list.
    const bob = await PersonAtPage.at(browser, `${server.url}${plan.url}`);
    await expect.poll(() => bob.visibleText()).toBe('One. Two! Three');
    await expect(bob.title).toHaveValue('Great plan');
    await other.page.goto(`${server.url}/`);
    await expect(other.page.locator('.document-title')).toHaveText([/^(Made alone|Great plan)$/, /^(Made alone|Great plan)$/, 'Never read here']); // prettier-ignore
    await expect(other.row('Made alone')).not.toContainText('device');
    await expect(other.row('Great plan')).not.toContainText('device');
    const listed = await other.request<{ documents: { id: string; title: string }[] }>('GET', '/documents'); // prettier-ignore
    expect(listed.documents.filter(({ id }) => id === madeId)).toMatchObject([{ title: 'Made alone' }]); // prettier-ignore
    await other.page.goto(address);
    await expect(other.status).toHaveText('Saved');
    expect(await other.visibleText()).toBe('Made here.');
    await ann.leave();
    await bob.leave();
  });
}

test('two people write offline in one paragraph: both get both edits, and the later one reviews them', async ({
  browser,
}) => {
  const text = 'Plan\nThe fox runs.\nEnd';
  const { id, url } = await server.createDocument({ title: 'Foxes', text });
  const ann = await atList(browser, 'Ann');
  const bob = await atList(browser, 'Bob');
  for (const person of [ann, bob]) {
    await person.page.goto(`${server.url}${url}`);
    await expect(person.status).toHaveText('Saved');
    await person.setOffline(true);
    await person.page.reload();
    await expect(person.status).toHaveText('Offline');
    await person.content.locator('.cm-line').nth(1).click();
  }
  await ann.press('Home');
  await ann.type('Look: ', 0);
  await ann.title.fill('Foxes, by Ann');
  await bob.press('End');
  await bob.type(' Fast.', 0);
  await bob.title.fill('Foxes, by Bob');
  for (const person of [ann, bob]) await expect(person.status).toHaveText(kept(6));

  // Ann reconnects first: the server has no concurrent edits, so there is nothing to review.
  const annSaw = await ann.watchStatus();
  await ann.setOffline(false);
  await expect(ann.status).toHaveText('Merged 6 changes', COME_BACK);
  expect(await server.readText(id)).toBe('Plan\nLook: The fox runs.\nEnd');
  expect(await bob.visibleText()).toBe('Plan\nThe fox runs. Fast.\nEnd');
  await expect(bob.status).toHaveText(kept(6));

  const bobSaw = await bob.watchStatus();
  await bob.setOffline(false);
  await expect(bob.status).toHaveText('Merged 6 changes · Review', COME_BACK);
  const both = 'Plan\nLook: The fox runs. Fast.\nEnd';
  for (const person of [ann, bob]) {
    await expect.poll(() => person.visibleText()).toBe(both);
    // Concurrent titles are merged, too.
    await expect(person.title).toHaveValue('Foxes, by Ann, by Bob');
  }
  expect(await server.readText(id)).toBe(both);
  expect(said(await annSaw())).toEqual([kept(6), 'Syncing 6 changes…', 'Merged 6 changes']);
  expect(said(await bobSaw())).toEqual([kept(6), 'Syncing 6 changes…', 'Merged 6 changes · Review']); // prettier-ignore

  await bob.page.getByRole('button', { name: 'Review' }).click();
  const passages = bob.page
    .getByRole('complementary', { name: 'Review merge' })
    .getByRole('article');
  await expect(passages).toHaveCount(1);
  await expect(passages.locator('ins')).toHaveText(['Inserted:  Fast.', 'Inserted: Look: ']);
  await passages.getByRole('button', { name: 'Keep theirs' }).click();
  await expect.poll(() => ann.visibleText()).toBe('Plan\nLook: The fox runs.\nEnd');
  await bob.press('Control+z');
  for (const person of [ann, bob]) await expect.poll(() => person.visibleText()).toBe(both);
  await ann.leave();
  await bob.leave();
});

test('a person whose access ended while offline sends nothing, keeps the text, and can copy it', async ({
  browser,
}) => {
  const ann = await atList(browser, 'Ann');
  const { id, url } = await ann.request<DocumentResource>('POST', '/documents', {
    title: 'Ours',
    text: 'Shared.',
    anyone: 'editor',
  });
  const bob = await atList(browser, 'Bob');
  await bob.page.goto(`${server.url}${url}`);
  await expect(bob.status).toHaveText('Saved');
  await bob.setOffline(true);
  await bob.page.reload();
  await typeAtEnd(bob, ' Mine.');
  await expect(bob.status).toHaveText(kept(6));
  await ann.request('PATCH', `/documents/${id}`, { anyone: 'off' });

  await bob.setOffline(false);
  await expect(bob.status).toHaveText('Stopped: changes are no longer sent', COME_BACK);
  const banner = bob.page.getByRole('alert');
  await expect(banner).toContainText('not shared with you');
  await expect(banner).toContainText('what was not sent is kept on this device');
  expect(await ann.readText(id)).toBe('Shared.');
  await banner.getByRole('button', { name: 'Copy text' }).click();
  await expect(bob.page.getByText('Text copied')).toBeVisible();
  expect(await bob.page.evaluate(() => navigator.clipboard.readText())).toBe('Shared. Mine.');
  const download = bob.page.waitForEvent('download');
  await banner.getByRole('button', { name: 'Download' }).click();
  expect(await textOf(await download)).toBe('Shared. Mine.');

  // Unsent edits survive a reload, and are sent once when access is granted again.
  await bob.page.reload();
  await expect.poll(() => bob.visibleText()).toBe('Shared. Mine.');
  await expect(bob.status).toHaveText('Stopped: changes are no longer sent');
  await ann.request('PATCH', `/documents/${id}`, { anyone: 'editor' });
  await bob.page.reload();
  await expect(bob.status).toHaveText('Saved');
  expect(await ann.readText(id)).toBe('Shared. Mine.');
  expect(await bob.visibleText()).toBe('Shared. Mine.');
  await ann.leave();
  await bob.leave();
});

test("offline edits are not sent under another person's account, but when their author signs in again", async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/sign-up`);
  await ann.signUp('ann', PASSWORD);
  await expect(ann.accountMenu).toContainText('ann');
  await ann.untilOnDevice();
  await ann.page.getByRole('button', { name: 'New document' }).first().click();
  await ann.title.fill('On a shared computer');
  await typeAtEnd(ann, 'By Ann.');
  await expect(ann.status).toHaveText('Saved');
  const address = ann.page.url();
  const id = address.slice(-26) as DocumentId;
  // A session elsewhere shares the document and signs this computer out.
  const elsewhere = await signedIn('ann');
  await elsewhere('PATCH', `/documents/${id}`, { anyone: 'editor' });
  await ann.setOffline(true);
  await ann.page.reload();
  await typeAtEnd(ann, ' Later.');
  await expect(ann.status).toHaveText(kept(7));
  await elsewhere('DELETE', '/sessions');
  await ann.setOffline(false);
  const banner = ann.page.getByRole('alert').filter({ hasText: /signed out|Another person/ });
  await expect(banner).toContainText('Your text and unsent changes stay on this device', COME_BACK);
  await expect(ann.status).toHaveText('Stopped: changes are no longer sent');
  expect(await ann.visibleText()).toBe('By Ann. Later.');

  // Zoe, at the same computer, writes in the document under her own account.
  await ann.page.goto(`${server.url}/sign-up`);
  await ann.signUp('zoe', PASSWORD);
  await expect(ann.accountMenu).toContainText('zoe');
  await expect(ann.page.getByText(/kept on this device/)).toHaveCount(0);
  await ann.page.goto(address);
  await expect(ann.status).toHaveText('Saved');
  expect(await ann.visibleText()).toBe('By Ann.');
  await ann.content.click();
  await ann.press('Control+Home');
  await ann.type('Zoe: ', 0);
  await expect(ann.status).toHaveText('Saved');
  expect(await server.readText(id)).toBe('Zoe: By Ann.');

  // Signing out warns of the unsent edits on this device.
  await ann.page.goto(`${server.url}/`);
  await ann.chooseInAccountMenu('Sign out');
  await expect(ann.dialog).toContainText('Some changes are not on the server yet');
  await ann.page.getByRole('button', { name: 'Sign out anyway' }).click();
  await expect(ann.page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  expect(await server.readText(id)).toBe('Zoe: By Ann.');
  await ann.page.goto(`${server.url}/sign-in`);
  await ann.signIn('ann', PASSWORD);
  await expect.poll(() => server.readText(id), COME_BACK).toBe('Zoe: By Ann. Later.');
  await ann.page.goto(address);
  await expect(ann.status).toHaveText('Saved');
  expect(await ann.visibleText()).toBe('Zoe: By Ann. Later.');
  await ann.leave();
});

async function textOf(download: Download): Promise<string> {
  return readFileSync(await download.path(), 'utf8');
}

/** Signs in over the REST API. @returns sends requests in that session */
async function signedIn(
  login: string,
): Promise<(method: string, path: string, body?: object) => Promise<void>> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/v1/sessions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ login, password: PASSWORD }),
  });
  const { accessToken } = (await answer.json()) as SignedIn;
  return async (method, path, body) => {
    const done = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body === undefined ? {} : headers),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!done.ok) throw new Error(await done.text());
  };
}
