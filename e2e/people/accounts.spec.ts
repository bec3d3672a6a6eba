/** Accounts: sign-up, sign-in and sign-out on several devices and in several tabs; sign-up policies. */
import { createServer, type AddressInfo } from 'node:net';
import { expect, test, type Browser } from '@playwright/test';
import { IdentityProvider } from '../support/identity-provider.ts';
import { HeldSocket } from '../support/held-socket.ts';
import { PersonAtPage } from '../support/people.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

const PASSWORD = 'correct horse battery';
let server: TestServer;
serve('file', (started) => (server = started));

async function withAccount(
  browser: Browser,
  userName: string,
  url = `${server.url}/sign-up`,
): Promise<PersonAtPage> {
  const person = await PersonAtPage.at(browser, url);
  await person.signUp(userName, PASSWORD);
  await expect(person.accountMenu).toContainText(userName);
  return person;
}

/** Creates a document and waits until its text is saved. @returns its address */
async function writeDocument(person: PersonAtPage, title: string, text: string): Promise<string> {
  await person.page.getByRole('button', { name: 'New document' }).first().click();
  await person.title.fill(title);
  await person.content.click();
  await person.type(text);
  await expect(person.status).toHaveText('Saved');
  await expect(person.page).toHaveTitle(new RegExp(title));
  return person.page.url();
}

/** A free port: the provider must know the callback before the server starts. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const signedOut = (person: PersonAtPage) =>
  person.page.getByRole('alert').filter({ hasText: 'You were signed out' });
const listed = (person: PersonAtPage, title: string) =>
  person.page.getByRole('link', { name: new RegExp(title) });

test('a guest who signs up keeps documents, name and unsent edits', async ({ browser }) => {
  const socket = new HeldSocket();
  const ann = await PersonAtPage.at(browser, `${server.url}/`, socket.prepare);
  await ann.chooseName('Ann Archer');
  const address = await writeDocument(ann, 'Kept by Ann', 'Written as a guest.');
  socket.isHeld = true;
  await ann.type(' Not sent yet.');
  await expect(ann.status).toHaveText('Saving…');
  // Edits are on the device within 50 ms; after that the page may be unloaded.
  await ann.page.waitForTimeout(500);

  const { pathname } = new URL(address);
  await ann.page.goto(`${server.url}/sign-up?returnTo=${encodeURIComponent(pathname)}`);
  socket.drop();
  await ann.signUp('ann', PASSWORD);
  await expect(ann.page).toHaveURL(address);
  await expect(ann.status).toHaveText('Saved');
  await expect.poll(() => ann.visibleText()).toBe('Written as a guest. Not sent yet.');

  // The document belongs to the account on every device, and to no other person.
  const laptop = await PersonAtPage.at(browser, `${server.url}/sign-in`);
  await laptop.signIn('ann', PASSWORD);
  await expect(laptop.accountMenu).toContainText('Ann Archer');
  await listed(laptop, 'Kept by Ann').click();
  await expect.poll(() => laptop.visibleText()).toBe('Written as a guest. Not sent yet.');
  const eve = await PersonAtPage.at(browser, address);
  await expect(eve.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  for (const person of [ann, laptop, eve]) await person.leave();
});

test('a wrong password gives a neutral message, and sign-in returns to the former page', async ({
  browser,
}) => {
  const ben = await withAccount(browser, 'ben');
  await ben.signOut();
  await expect(ben.accountMenu).not.toContainText('ben');
  await ben.page.goto(`${server.url}/account`);
  await ben.page.getByRole('link', { name: 'Sign in' }).click();
  const words = [];
  for (const login of ['ben', 'nobody.here']) {
    await ben.signIn(login, 'not the password');
    await expect(ben.page.getByRole('alert')).toHaveText(/not right/);
    words.push(await ben.page.getByRole('alert').textContent());
  }
  expect(words[0]).toBe(words[1]);
  await ben.signIn('BEN', PASSWORD);
  await expect(ben.page).toHaveURL(`${server.url}/account`);
  await expect(ben.section('You').getByLabel('User name')).toHaveValue('ben');

  // A returnTo of another origin is not followed.
  await ben.signOut();
  await expect(ben.page).toHaveURL(`${server.url}/`);
  await ben.page.goto(`${server.url}/sign-in?returnTo=//example.org/d/x`);
  await ben.signIn('ben', PASSWORD);
  await expect(ben.page).toHaveURL(`${server.url}/`);
  await ben.leave();
});

test('a taken or invalid user name is reported at its field', async ({ browser }) => {
  const cleo = await withAccount(browser, 'cleo');
  const other = await PersonAtPage.at(browser, `${server.url}/sign-up`);
  await other.signUp('Cleo', PASSWORD);
  const field = other.page.getByLabel('User name');
  await expect(field).toHaveAccessibleDescription('This user name is taken.');
  await expect(field).toBeFocused();
  await other.signUp('cleo & co', PASSWORD);
  await expect(field).toHaveAccessibleDescription(/letters, digits/);
  await other.signUp('cleo.2', PASSWORD);
  await expect(other.accountMenu).toContainText('cleo.2');
  await cleo.leave();
  await other.leave();
});

test('a session ended from the list of sessions stops its open document, whose text stays visible', async ({
  browser,
}) => {
  const dora = await withAccount(browser, 'dora');
  const address = await writeDocument(dora, 'On two devices', 'Here and there.');
  const phone = await PersonAtPage.at(browser, `${server.url}/sign-in`);
  await phone.signIn('dora', PASSWORD);
  await listed(phone, 'On two devices').click();
  await expect.poll(() => phone.visibleText()).toBe('Here and there.');

  await dora.page.goto(`${server.url}/account`);
  const sessions = dora.section('Where you are signed in').getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: 'This device' })).toHaveCount(1);
  await sessions.getByRole('button', { name: 'Sign out there' }).click();
  await expect(sessions).toHaveCount(1);
  await expect(signedOut(phone)).toBeVisible();
  expect(await phone.visibleText()).toBe('Here and there.');

  // Signing in again returns to the document.
  await signedOut(phone).getByRole('link', { name: 'Sign in' }).click();
  await phone.signIn('dora', PASSWORD);
  await expect(phone.page).toHaveURL(address);
  await expect(phone.status).toHaveText('Saved');
  await expect.poll(() => phone.visibleText()).toBe('Here and there.');

  // Ends all other sessions; this device stays signed in.
  await dora.page.reload();
  await expect(sessions).toHaveCount(2);
  await dora.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(sessions).toHaveCount(1);
  await expect(signedOut(phone)).toBeVisible();
  await dora.page.goto(address);
  await expect(dora.status).toHaveText('Saved');
  await dora.leave();
  await phone.leave();
});

test('signing out warns of unsent changes, and stops the documents of all tabs', async ({
  browser,
}) => {
  const emil = await withAccount(browser, 'emil');
  const socket = new HeldSocket();
  await socket.prepare(emil.page);
  await emil.page.reload();
  await writeDocument(emil, 'In another tab', 'Sent.');
  const list = await emil.openTab(`${server.url}/`);
  socket.isHeld = true;
  await emil.type(' Not sent.');
  await expect(emil.status).toHaveText('Saving…');

  await list.chooseInAccountMenu('Sign out');
  await expect(list.dialog).toContainText('Some changes are not on the server yet');
  await list.page.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(list.accountMenu).toContainText('emil');
  socket.letGo();
  await expect(emil.status).toHaveText('Saved');
  expect(await emil.visibleText()).toBe('Sent. Not sent.');

  await list.signOut();
  await expect(list.page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  await expect(listed(list, 'In another tab')).toHaveCount(0);
  await expect(signedOut(emil)).toBeVisible();
  expect(await emil.visibleText()).toBe('Sent. Not sent.');
  await list.page.reload();
  await expect(list.accountMenu).not.toContainText('emil');
  await emil.leave();
});

test('tabs that are reloaded concurrently stay signed in', async ({ browser }) => {
  const fay = await withAccount(browser, 'fay');
  const tabs = [
    fay,
    await fay.openTab(`${server.url}/`),
    await fay.openTab(`${server.url}/account`),
  ];
  for (let round = 0; round < 3; round++) {
    await Promise.all(tabs.map((tab) => tab.page.reload()));
    for (const tab of tabs) await expect(tab.accountMenu).toContainText('fay');
  }
  await fay.leave();
});

test('a lost refresh response does not sign out, even when retried after the grace period', async ({
  browser,
}) => {
  const gil = await PersonAtPage.at(browser, `${server.url}/sign-up?returnTo=/account`);
  const context = gil.page.context();
  let asked = 0;
  let isLost = false;
  await context.route('**/api/v1/sessions/refresh', async (route) => {
    asked += 1;
    if (asked === 1) {
      // The server rotates the token; its response, including the cookie, is lost.
      const before = await context.cookies();
      expect((await route.fetch()).status()).toBe(200);
      expect(await context.cookies()).not.toEqual(before);
      await context.addCookies(before);
      expect(await context.cookies()).toEqual(before);
      isLost = true;
    }
    await route.abort();
  });
  await gil.signUp('gil', PASSWORD);
  await expect.poll(() => isLost).toBe(true);
  await context.unroute('**/api/v1/sessions/refresh');
  // Longer than the grace period of a former token.
  await gil.page.waitForTimeout(11_000);
  await gil.page.reload();
  await expect(gil.section('You').getByLabel('User name')).toHaveValue('gil');
  await gil.leave();
});

test('without a network the page stays signed in and keeps taking edits', async ({ browser }) => {
  const gus = await withAccount(browser, 'gus');
  await writeDocument(gus, 'Offline', 'Online.');
  await gus.page.context().setOffline(true);
  await gus.type(' Offline.');
  await expect(gus.status).toHaveText(/^Offline · \d+ changes? kept on this device$/);
  await gus.page.context().setOffline(false);
  await expect(gus.status).toHaveText(/^(Saved|Merged .*)$/);
  await gus.page.goto(`${server.url}/`);
  await expect(gus.accountMenu).toContainText('gus');
  await gus.leave();
});

test('name and password can be changed, and the former password is refused', async ({
  browser,
}) => {
  const hal = await withAccount(browser, 'hal');
  await hal.chooseInAccountMenu('Account');
  await hal.page.getByLabel('Name that others see').fill('Hal Hale');
  await hal.section('You').getByRole('button', { name: 'Save' }).click();
  await expect(hal.accountMenu).toContainText('Hal Hale');

  const section = hal.section('Password');
  await section.getByLabel('Present password').fill('not the password');
  await section.getByLabel('New password').fill('another good one');
  await section.getByRole('button', { name: 'Change password' }).click();
  await expect(section.getByLabel('Present password')).toHaveAccessibleDescription(/not right/);
  await section.getByLabel('Present password').fill(PASSWORD);
  await section.getByRole('button', { name: 'Change password' }).click();
  await expect(hal.page.getByText('The password was changed.')).toBeVisible();
  await expect(section.getByLabel('New password')).toHaveValue('');

  await hal.signOut();
  await expect(hal.page).toHaveURL(`${server.url}/`);
  await hal.page.goto(`${server.url}/sign-in`);
  await hal.signIn('hal', PASSWORD);
  await expect(hal.page.getByRole('alert')).toHaveText(/not right/);
  await hal.signIn('hal', 'another good one');
  await expect(hal.accountMenu).toContainText('Hal Hale');
  await hal.leave();
});

test('an API token is shown once, has the chosen scopes, and is refused once it is deleted', async ({
  browser,
}) => {
  const ivy = await withAccount(browser, 'ivy');
  await writeDocument(ivy, 'Read by a program', 'For programs.');
  await ivy.page.goto(`${server.url}/account`);
  const section = ivy.section('API tokens');
  await section.getByRole('button', { name: 'New token' }).click();
  await section.getByLabel('What it is for').fill('Backup');
  await section.getByRole('button', { name: 'Create token' }).click();
  const token = await section.getByRole('textbox', { name: 'The new token' }).inputValue();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const read = () => fetch(`${server.url}/api/v1/documents`, { headers });
  expect(await (await read()).text()).toContain('Read by a program');
  const written = await fetch(`${server.url}/api/v1/documents`, {
    method: 'POST',
    headers,
    body: '{}',
  });
  expect(written.status).toBe(403);

  await ivy.page.reload();
  await expect(section.getByRole('listitem')).toContainText('Read documents');
  await expect(ivy.page.getByRole('textbox', { name: 'The new token' })).toHaveCount(0);
  await section.getByRole('button', { name: 'Delete' }).click();
  await expect(section.getByRole('listitem')).toHaveCount(0);
  await expect.poll(async () => (await read()).status).toBe(401);
  await ivy.leave();
});

test('deleting an account needs the password, and removes its documents and its login', async ({
  browser,
}) => {
  const jon = await withAccount(browser, 'jon');
  const address = await writeDocument(jon, 'Gone with Jon', 'Not for long.');
  await jon.page.goto(`${server.url}/account`);
  const section = jon.section('Delete account');
  await section.getByRole('button', { name: 'Delete my account' }).click();
  await section.getByLabel('Password', { exact: true }).fill('not the password');
  await section.getByRole('button', { name: 'Delete it permanently' }).click();
  await expect(section.getByRole('alert').first()).toHaveText(/not right/);
  await section.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await section.getByRole('button', { name: 'Delete it permanently' }).click();
  await expect(jon.page).toHaveURL(`${server.url}/`);
  await expect(jon.accountMenu).not.toContainText('jon');
  await jon.page.goto(address);
  await expect(jon.page.getByRole('heading', { name: /no such document/i })).toBeVisible();
  await jon.page.goto(`${server.url}/sign-in`);
  await jon.signIn('jon', PASSWORD);
  await expect(jon.page.getByRole('alert')).toHaveText(/not right/);
  await jon.leave();
});

/** The link for the first administrator, which the server prints while there is none. */
async function printedLink(of: TestServer): Promise<string> {
  await expect.poll(() => of.stdout).toMatch(/\/sign-up#\S+/);
  return of.url + (/\/sign-up#\S+/.exec(of.stdout)?.[0] ?? '');
}

test('sign-up by invitation: the printed link makes an administrator, who invites and disables accounts', async ({
  browser,
}) => {
  const own = temporaryDirectory();
  const closedServer = await TestServer.start({
    dataDirectory: own.path,
    environment: { CONCORD_SIGN_UP: 'invitation' },
  });
  const guest = await PersonAtPage.at(browser, `${closedServer.url}/sign-up`);
  await expect(guest.page.getByText('Accounts are by invitation here')).toBeVisible();
  await expect(guest.page.getByLabel('User name')).toHaveCount(0);

  const link = await printedLink(closedServer);
  const root = await PersonAtPage.at(browser, link);
  await expect(root.page.getByText('You were invited.')).toBeVisible();
  await expect(root.page).toHaveURL(`${closedServer.url}/sign-up`);
  await root.signUp('root', PASSWORD);
  await expect(root.accountMenu).toContainText('root');
  await root.chooseInAccountMenu('Account');
  await expect(root.section('People').getByRole('listitem')).toContainText('Administrator');

  await root.page.getByRole('button', { name: 'Invite a person' }).click();
  await root.page.getByLabel('Whom it is for').fill('Kim');
  await root.page.getByRole('button', { name: 'Create invitation' }).click();
  const field = root.page.getByRole('textbox', { name: 'Address of the new invitation' });
  const invitation = await field.inputValue();
  const kim = await withAccount(browser, 'kim', invitation);
  await kim.page.goto(`${closedServer.url}/account`);
  await expect(kim.section('API tokens')).toBeVisible();
  await expect(kim.section('People')).toHaveCount(0);
  const address = await (async () => {
    await kim.page.goto(`${closedServer.url}/`);
    return writeDocument(kim, 'By Kim', 'Hello.');
  })();

  // Each link works once.
  for (const used of [invitation, link]) {
    const late = await PersonAtPage.at(browser, used);
    await late.signUp('late', PASSWORD);
    await expect(
      late.page.getByRole('alert').filter({ hasText: 'was used already' }),
    ).toBeVisible();
    await late.leave();
  }

  // A disabled account is signed out at once, and cannot sign in.
  await root.page.reload();
  await expect(root.section('Invitations')).toContainText('Used by kim');
  await root.page.getByRole('button', { name: 'Actions for kim' }).click();
  await root.choose('Disable');
  await expect(root.section('People')).toContainText('Disabled');
  await expect(signedOut(kim)).toBeVisible();
  await kim.page.goto(`${closedServer.url}/sign-in`);
  await kim.signIn('kim', PASSWORD);
  await expect(kim.page.getByRole('alert')).toHaveText(/not right/);

  // The account is enabled, and gets a new password from the administrator.
  await root.page.getByRole('button', { name: 'Actions for kim' }).click();
  await root.choose('Enable');
  await expect(root.section('People')).not.toContainText('Disabled');
  await root.page.getByRole('button', { name: 'Actions for kim' }).click();
  await root.choose('Give a new password');
  const newPassword = root.page.getByLabel('New password for kim');
  await newPassword.fill('given by root');
  const save = root.section('People').getByRole('button', { name: 'Save' });
  // A password that did not reach the server stays in its field; the field goes once it is set.
  await root.page.route('**/api/v1/accounts/*', (route) => route.abort(), { times: 1 });
  await save.click();
  await expect(root.section('People')).toContainText('That did not work');
  await expect(newPassword).toHaveValue('given by root');
  await save.click();
  await expect(newPassword).toHaveCount(0);
  await kim.signIn('kim', 'given by root');
  await expect(kim.accountMenu).toContainText('kim');
  await kim.page.goto(address);
  await expect.poll(() => kim.visibleText()).toBe('Hello.');
  for (const person of [guest, root, kim]) await person.leave();
  await closedServer.stop();
  own.remove();
});

test('with sign-up closed, accounts cannot be made and guests can still write', async ({
  browser,
}) => {
  const own = temporaryDirectory();
  const closedServer = await TestServer.start({
    dataDirectory: own.path,
    environment: { CONCORD_SIGN_UP: 'closed' },
  });
  const lea = await PersonAtPage.at(browser, `${closedServer.url}/sign-up`);
  await expect(lea.page.getByText('This server takes no new accounts.')).toBeVisible();
  await expect(lea.page.getByLabel('User name')).toHaveCount(0);
  await expect(
    lea.request('POST', '/accounts', { userName: 'lea', password: PASSWORD }),
  ).rejects.toThrow('signUpClosed');
  await lea.page.goto(`${closedServer.url}/`);
  await lea.accountMenu.click();
  await expect(lea.menu.getByText('Sign in')).toBeVisible();
  await expect(lea.menu.getByText('Sign up')).toHaveCount(0);
  await lea.press('Escape');
  await writeDocument(lea, 'By a guest', 'As ever.');
  await lea.leave();
  await closedServer.stop();
  own.remove();
});

test('single sign-on returns to the former page, and reports a refusal of the provider', async ({
  browser,
}) => {
  const own = temporaryDirectory();
  const port = await freePort();
  const provider = await IdentityProvider.start(`http://127.0.0.1:${port}/api/v1/sign-on/callback`);
  const signOnServer = await TestServer.start({
    dataDirectory: own.path,
    port,
    environment: provider.environment,
  });
  const nia = await PersonAtPage.at(browser, `${signOnServer.url}/sign-in?returnTo=/account`);
  await nia.page.getByRole('button', { name: 'Continue with Example ID' }).click();
  await expect(nia.page.getByRole('alert')).toHaveText('The single sign-on was cancelled.');
  await expect(nia.page).toHaveURL(/\/sign-in\?/);

  provider.signsIn = { sub: 'nia-1', preferred_username: 'nia', name: 'Nia Nord' };
  await nia.page.goto(`${signOnServer.url}/sign-in?returnTo=/account`);
  await nia.page.getByRole('button', { name: 'Continue with Example ID' }).click();
  await expect(nia.page).toHaveURL(`${signOnServer.url}/account`);
  await expect(nia.accountMenu).toContainText('Nia Nord');
  // The account has no password yet, so the form does not ask for one.
  await expect(nia.section('Password').getByLabel('Present password')).toHaveCount(0);
  await expect(nia.section('Password').getByRole('button')).toContainText(['', 'Set a password']);
  await nia.signOut();
  await expect(nia.accountMenu).not.toContainText('Nia');
  await nia.leave();
  await signOnServer.stop();
  await provider.stop();
  own.remove();
});

test('on a phone the account page does not overflow', async ({ browser }) => {
  const mia = await withAccount(browser, 'mia-with-a-name-as-long-as-names-may-be');
  await mia.page.goto(`${server.url}/account`);
  await mia.page.setViewportSize({ width: 390, height: 844 });
  await mia.page.getByRole('button', { name: 'New token' }).click();
  await mia.page
    .getByLabel('What it is for')
    .fill('a_long_label_without_any_space_in_it_'.repeat(2));
  await mia.page.getByRole('button', { name: 'Create token' }).click();
  await expect(mia.page.getByRole('textbox', { name: 'The new token' })).toBeVisible();
  const overflow = await mia.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await mia.leave();
});

test('signing out removes the documents from the device unless the person keeps them', async ({
  browser,
}) => {
  const onDevice = (person: PersonAtPage): Promise<string> =>
    person.page.evaluate(async () => {
      const found: unknown[] = [];
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(new Error(`${name} did not open`));
        });
        for (const store of database.objectStoreNames) {
          const reading = database.transaction(store).objectStore(store).getAll();
          await new Promise((resolve) => (reading.onsuccess = resolve));
          found.push(reading.result);
        }
        database.close();
      }
      return JSON.stringify(found);
    });

  const person = await withAccount(browser, 'olga');
  await person.page.goto(`${server.url}/new`);
  await person.title.fill('Salaries');
  await person.content.click();
  await person.type('confidential figures', 0);
  await expect(person.status).toHaveText('Saved');
  await person.page.goto(`${server.url}/`);
  await expect(person.page.getByRole('link', { name: 'Salaries' })).toBeVisible();
  await expect.poll(() => onDevice(person)).toContain('confidential figures');
  await person.signOut();
  await expect(person.page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  for (const word of ['confidential', 'Salaries']) {
    expect(await onDevice(person)).not.toContain(word);
  }

  // The checkbox keeps the documents on the device.
  await person.page.goto(`${server.url}/sign-in`);
  await person.signIn('olga', PASSWORD);
  await person.page.getByRole('link', { name: 'Salaries' }).click();
  await expect(person.status).toHaveText('Saved');
  await expect.poll(() => onDevice(person)).toContain('confidential figures');
  await person.page.goto(`${server.url}/`);
  await person.chooseInAccountMenu('Sign out');
  await person.dialog.getByLabel('Remove my documents from this device').uncheck();
  await person.dialog.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(person.page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  expect(await onDevice(person)).toContain('confidential figures');

  // A session ended by the server also removes them.
  await person.page.goto(`${server.url}/sign-in`);
  await person.signIn('olga', PASSWORD);
  await expect(person.accountMenu).toContainText('olga');
  const elsewhere = await PersonAtPage.at(browser, `${server.url}/sign-in`);
  await elsewhere.signIn('olga', PASSWORD);
  await expect(elsewhere.accountMenu).toContainText('olga');
  await elsewhere.page.goto(`${server.url}/account`);
  await elsewhere.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await person.page.reload();
  await expect(person.page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  await expect.poll(() => onDevice(person)).not.toContain('confidential');
  await person.leave();
  await elsewhere.leave();
});
