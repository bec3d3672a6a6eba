/** Sharing: roles granted, changed and revoked while others have the document open. */
import { expect, test, type Browser } from '@playwright/test';
import { HeldSocket } from '../support/held-socket.ts';
import { asks, holdNext } from '../support/held-request.ts';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started), limitsOfPeople);

async function named(browser: Browser, name: string): Promise<PersonAtPage> {
  const person = await PersonAtPage.at(browser, `${server.url}/`);
  await person.chooseName(name);
  return person;
}

test('a share link grants its role, follows a change of role at once, and ends when it is revoked', async ({
  browser,
}) => {
  const ann = await named(browser, 'Ann');
  const { id } = await ann.createDocument('Minutes', 'Written by Ann.');
  await ann.shareButton.click();
  await expect(ann.dialog).toContainText('Only you can open this document.');
  const address = await ann.makeLink({ role: 'Can view', label: 'For Bob' });
  expect(address).toMatch(/\/s\/[a-z2-7]{26}$/);
  await expect(ann.dialog).toContainText('anyone with the link below can open this document.');

  const bob = await named(browser, 'Bob');
  await bob.page.goto(address);
  // The link's secret is removed from the address bar.
  await expect(bob.page).toHaveURL(new RegExp(`/d/minutes-${id}$`));
  await expect(bob.status).toHaveText('View only');
  await expect.poll(() => bob.visibleText()).toBe('Written by Ann.');
  await expect(bob.title).not.toBeEditable();
  await bob.content.click();
  await bob.type('Bob was here. ');
  expect(await bob.visibleText()).toBe('Written by Ann.');

  // Bob sees his role and the owner.
  await bob.shareButton.click();
  await expect(bob.dialog).toContainText('You can view this document. It belongs to Ann.');
  await expect(bob.dialog.getByRole('combobox')).toHaveCount(0);
  await bob.press('Escape');
  await expect(bob.dialog).toHaveCount(0);
  await expect(bob.shareButton).toBeFocused();

  // The role changes to editor without a reload.
  await ann.roleOf('For Bob').selectOption('Can edit');
  await expect(bob.status).toHaveText('Saved');
  await expect(bob.page.getByText('You can edit this document now.')).toBeVisible();
  await bob.content.click();
  await bob.press('Control+End');
  await bob.type(' And by Bob.');
  await expect(bob.status).toHaveText('Saved');
  await expect.poll(() => ann.visibleText()).toBe('Written by Ann. And by Bob.');

  // The link is revoked after a confirmation.
  await ann.dialog.getByRole('button', { name: 'Take back For Bob' }).click();
  const question = ann.dialog.getByRole('group', { name: /will not open any more/ });
  await expect(question).toContainText('1 person who came by it loses access');
  await question.getByRole('button', { name: 'Take back' }).click();
  const banner = bob.page.getByRole('alert').filter({ hasText: 'You no longer have access' });
  await expect(banner).toBeVisible();
  await expect(bob.page.getByText('Your text stays here until you leave')).toBeVisible();
  expect(await bob.visibleText()).toBe('Written by Ann. And by Bob.');
  await bob.type('Nobody reads this.');
  expect(await bob.visibleText()).toBe('Written by Ann. And by Bob.');
  await expect(ann.dialog).toContainText('Only you can open this document.');
  await bob.page.reload();
  await expect(bob.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  await bob.page.goto(address);
  await expect(bob.page.getByRole('heading')).toHaveText('This link does not open anything');
  expect(await ann.visibleText()).toBe('Written by Ann. And by Bob.');
  await ann.leave();
  await bob.leave();
});

test('an editor downgraded while typing keeps the text, and it is sent when editing is allowed again', async ({
  browser,
}) => {
  const ann = await named(browser, 'Ann');
  const { id } = await ann.createDocument('Draft', 'Start.');
  const address = await ann.makeLink({ role: 'Can edit', label: 'Editors' });
  const socket = new HeldSocket();
  const bob = await PersonAtPage.at(browser, address, socket.prepare);
  await expect(bob.status).toHaveText('Saved');
  await bob.content.click();
  await bob.press('Control+End');
  await bob.type(' One.');
  await expect(bob.status).toHaveText('Saved');

  // Holds all frames that Bob's browser sends, as a slow network does.
  socket.isHeld = true;
  await bob.type(' Two.');
  const typing = bob.type(' Three, which was cut off in the middle of typing.', 60);
  await ann.roleOf('Editors').selectOption('Can view');
  await expect(bob.status).toHaveText(/^View only · \d+ changes? kept on this device$/); // prettier-ignore
  await typing;
  const kept = await bob.visibleText();
  expect(kept).toMatch(/^Start\. One\. Two\./);
  await expect(bob.page.getByRole('heading', { name: /not change it/ })).toBeVisible();
  await bob.page.getByRole('button', { name: 'Copy text' }).last().click();
  expect(await bob.page.evaluate(() => navigator.clipboard.readText())).toBe(kept);

  // The in-flight operation arrives after the downgrade: it is refused, and its text stays in the page.
  socket.letGo();
  await bob.page.waitForTimeout(2_000);
  await expect(bob.status).toHaveText(/^View only/);
  expect(await bob.visibleText()).toBe(kept);
  expect(await ann.readText(id)).toBe('Start. One.');

  // The text survives a reload.
  await bob.page.reload();
  await expect(bob.status).toHaveText(/^View only · \d+ changes? kept on this device$/);
  expect(await bob.visibleText()).toBe(kept);

  await ann.roleOf('Editors').selectOption('Can edit');
  await expect(bob.status).toHaveText(/^(Saved|Merged .*)$/);
  expect(await bob.visibleText()).toBe(kept);
  await expect.poll(() => ann.visibleText()).toBe(kept);
  await ann.leave();
  await bob.leave();
});

test('a share link with a password opens only with the password', async ({ browser }) => {
  const ann = await named(browser, 'Ann');
  await ann.createDocument('Secret', 'For few.');
  const address = await ann.makeLink({ role: 'Can view', label: 'Few', password: 'swordfish' });
  await expect(ann.dialog.getByRole('listitem').filter({ hasText: 'Few' })).toContainText('Password'); // prettier-ignore
  const bob = await PersonAtPage.at(browser, address);
  await expect(bob.page.getByRole('heading')).toHaveText('This link asks for a password');
  const field = bob.page.getByLabel('Password');
  await field.fill('tunafish');
  await bob.press('Enter');
  await expect(bob.page.getByRole('alert')).toHaveText('This password is not right.');
  await expect(bob.content).toHaveCount(0);
  await field.fill('swordfish');
  await bob.press('Enter');
  await expect(bob.status).toHaveText('View only');
  await expect.poll(() => bob.visibleText()).toBe('For few.');
  await ann.leave();
  await bob.leave();
});

test('a share link that expires ends the sessions that it opened', async ({ browser }) => {
  const ann = await named(browser, 'Ann');
  const { id } = await ann.createDocument('For a moment', 'Read quickly.');
  // Long enough to open it before it expires, also on a busy machine.
  const expiresAt = Date.now() + 20_000;
  const { url } = await ann.request<{ url: string }>('POST', `/documents/${id}/links`, {
    role: 'editor',
    expiresAt,
  });
  const bob = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(bob.status).toHaveText('Saved');
  await expect.poll(() => bob.visibleText()).toBe('Read quickly.');
  await expect(bob.page.getByText('You no longer have access')).toBeVisible({ timeout: 90_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  expect(await bob.visibleText()).toBe('Read quickly.');
  const eve = await PersonAtPage.at(browser, `${server.url}${url}`);
  await expect(eve.page.getByRole('heading')).toHaveText('This link does not open anything');
  await ann.shareButton.click();
  await expect(ann.dialog).toContainText('Expired');
  await expect(ann.dialog).toContainText('Only you can open this document.');
  for (const person of [ann, bob, eve]) await person.leave();
});

test('a change of “anyone with the link” (off, view, edit) takes effect at once', async ({
  browser,
}) => {
  const ann = await named(browser, 'Ann');
  const { url } = await ann.createDocument('Open to all', 'Hello.');
  const bob = await named(browser, 'Bob');
  await bob.page.goto(`${server.url}${url}`);
  await expect(bob.page.getByRole('heading', { name: /no such document/i })).toBeVisible();

  await ann.shareButton.click();
  const general = ann.dialog.getByRole('combobox', { name: 'Anyone with the link' });
  await general.selectOption('Can view');
  await expect(ann.dialog).toContainText('Anyone with the link can view.');
  await ann.dialog.getByRole('button', { name: 'Copy link' }).click();
  await expect(ann.dialog).toContainText('Link copied.');
  const copied = await ann.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`${server.url}${url}`);
  await bob.page.goto(copied);
  await expect(bob.status).toHaveText('View only');
  await general.selectOption('Can edit');
  await expect(bob.status).toHaveText('Saved');
  await bob.content.click();
  await bob.press('Control+End');
  await bob.type(' Hi.');
  await expect.poll(() => ann.visibleText()).toBe('Hello. Hi.');
  await general.selectOption('Off');
  await expect(bob.page.getByText('You no longer have access')).toBeVisible();
  await ann.leave();
  await bob.leave();
});

test('people can be invited, change roles, be removed, leave and decline', async ({ browser }) => {
  const ann = await named(browser, 'Ann');
  const { id, url } = await ann.createDocument('Team', 'We.');
  const bob = await named(browser, 'Bob');
  const { userId } = await bob.request<{ userId: string }>('GET', '/me');
  await ann.request('POST', `/documents/${id}/people`, { userId, role: 'commenter' });
  await ann.shareButton.click();
  // Before Bob accepts, nothing is shared, and his name is not revealed.
  await expect(ann.dialog).toContainText('Only you can open this document.');
  await expect(ann.dialog).not.toContainText('Bob');
  await expect(ann.dialog).toContainText('Invited to comment');
  await bob.page.goto(`${server.url}/`);
  await expect(bob.page.getByText('Ann (a guest) invites you · Can comment')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Accept “Team”' }).click();
  await expect(bob.page).toHaveURL(`${server.url}${url}`);
  await ann.press('Escape');
  await ann.shareButton.click();
  await expect(ann.dialog).toContainText('Only you and Bob can open this document.');

  // The dialog does not reveal whether the account exists; the invitation can be withdrawn.
  await ann.dialog.getByLabel('User name or email').fill('nobody.here');
  await ann.dialog.getByRole('button', { name: 'Invite' }).click();
  await expect(ann.dialog).toContainText('nobody.here was invited');
  await ann.dialog.getByRole('button', { name: 'Withdraw the invitation of nobody.here' }).click();
  await expect(ann.dialog.getByText('Invited to edit')).toHaveCount(0);
  // Ownership needs the person's consent, so it is an invitation.
  await ann.roleOf('Bob').selectOption('Owner');
  await expect(ann.dialog).toContainText('Invited to own it with you');
  await expect(ann.roleOf('Bob')).toHaveValue('commenter');

  // A refusal of the server is shown in the dialog.
  await ann.roleOf('Ann').selectOption('Can view');
  await expect(ann.dialog.getByRole('alert').last()).toHaveText(/always has an owner/);
  await expect(ann.roleOf('Ann')).toHaveValue('owner');

  await bob.page.goto(`${server.url}${url}`);
  await expect(bob.status).toHaveText('View only');
  await ann.roleOf('Bob').selectOption('Can edit');
  await expect(bob.status).toHaveText('Saved');
  await ann.dialog.getByRole('button', { name: 'Remove Bob' }).click();
  await ann.dialog
    .getByRole('group', { name: /loses access/ })
    .getByText('Remove')
    .click();
  await expect(bob.page.getByText('You no longer have access')).toBeVisible();
  await expect(ann.dialog).toContainText('Only you can open this document.');

  // A person can leave a document …
  await ann.request('POST', `/documents/${id}/people`, { userId, role: 'viewer' });
  await bob.page.goto(`${server.url}/`);
  await bob.page.getByRole('button', { name: 'Accept “Team”' }).click();
  await expect(bob.page).toHaveURL(`${server.url}${url}`);
  await bob.shareButton.click();
  await bob.dialog.getByRole('button', { name: 'Leave document' }).click();
  await bob.dialog.getByRole('group').getByRole('button', { name: 'Leave document' }).click();
  await expect(bob.page).toHaveURL(`${server.url}/`);
  await bob.page.goto(`${server.url}${url}`);
  await expect(bob.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  // … or decline an invitation.
  await ann.request('POST', `/documents/${id}/people`, { userId, role: 'owner' });
  await bob.page.goto(`${server.url}/`);
  const declining = bob.page.getByRole('button', { name: 'Decline “Team”' });
  await expect(declining).toBeVisible();
  // Focus refetches the invitations; the held response is from before the decline, and arrives after it.
  const areInvitations = asks('GET', /me\/invitations$/);
  const held = await holdNext(bob.page, areInvitations, 'after the server');
  await bob.page.evaluate(() => dispatchEvent(new Event('focus')));
  await held.sent;
  await declining.click();
  await expect(bob.page.getByText('Declined. You will not be asked again.')).toBeVisible();
  const invitations = bob.page.getByRole('heading', { name: 'Shared with you' });
  await expect(invitations).toHaveCount(0);
  await held.release();
  // Two frames, so that a wrong list would have been drawn.
  await bob.page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  await expect(invitations).toHaveCount(0);
  await ann.leave();
  await bob.leave();
});

test('on a phone the share dialog is a full-screen sheet that does not overflow', async ({
  browser,
}) => {
  const ann = await named(browser, 'Ann');
  await ann.createDocument('On the phone', 'Small.');
  await ann.page.setViewportSize({ width: 390, height: 844 });
  await ann.makeLink({ role: 'Can edit', label: 'With a label that is longer than a phone is wide, by far' }); // prettier-ignore
  const box = await ann.dialog.boundingBox();
  expect(box).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  const overflow = await ann.dialog.evaluate((sheet) => sheet.scrollWidth - sheet.clientWidth);
  expect(overflow).toBe(0);
  await ann.press('Escape');
  await expect(ann.dialog).toHaveCount(0);
  await ann.leave();
});

test('an invitation is shown with the list, so that a press on it is not lost', async ({
  browser,
}) => {
  const ann = await named(browser, 'Ann');
  const bob = await named(browser, 'Bob');
  const { id, url } = await ann.createDocument('Team', 'Hello.');
  const { userId } = await bob.request<{ userId: string }>('GET', '/me');
  await ann.request('POST', `/documents/${id}/people`, { userId, role: 'viewer' });
  const hold = await holdNext(bob.page, asks('GET', /\/documents(\?|$)/));
  await bob.page.goto(`${server.url}/`);
  await hold.sent;
  await expect(bob.accountMenu).toBeVisible();
  const accepting = bob.page.getByRole('button', { name: 'Accept “Team”' });
  await expect(accepting).toHaveCount(0);
  await hold.release();
  await accepting.click();
  await expect(bob.page).toHaveURL(`${server.url}${url}`);
  await ann.leave();
  await bob.leave();
});
