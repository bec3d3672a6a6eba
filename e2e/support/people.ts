/** Page objects: a person at a browser, driven by accessible names, roles and texts. */
import {
  expect,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from '@playwright/test';
import type { DocumentResource } from '@concord/protocol';

export class PersonAtPage {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** Opens an address in a fresh browser profile. */
  static async at(
    browser: Browser,
    url: string,
    prepare: (page: Page) => Promise<void> = async () => undefined,
  ): Promise<PersonAtPage> {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`page error: ${error.message}`));
    await prepare(page);
    await page.goto(url);
    return new PersonAtPage(context, page);
  }

  get content(): Locator {
    return this.page.getByRole('textbox', { name: 'Document text' });
  }
  get status(): Locator {
    return this.page.getByRole('status');
  }
  get people(): Locator {
    return this.page.getByRole('list', { name: 'People here' }).getByRole('listitem');
  }
  get title(): Locator {
    return this.page.getByRole('textbox', { name: 'Title' });
  }
  /** Other people's carets, in document order. */
  get carets(): Locator {
    return this.page.locator('.cm-remoteCaret');
  }

  /** The button with the person's name, in the header of the list. */
  get accountMenu(): Locator {
    return this.page.getByRole('button', { name: /^You are / });
  }
  get shareButton(): Locator {
    return this.page.getByRole('button', { name: 'Share', exact: true });
  }
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }
  /** The menu that is open. */
  get menu(): Locator {
    return this.page.getByRole('menu');
  }

  /** Opens another tab of the same browser. */
  async openTab(url: string): Promise<PersonAtPage> {
    const page = await this.#context.newPage();
    await page.goto(url);
    return new PersonAtPage(this.#context, page);
  }

  /** Fills and sends the form of the sign-up page. */
  async signUp(userName: string, password: string): Promise<void> {
    await this.page.getByLabel('User name').fill(userName);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign up' }).click();
  }

  /** Fills and sends the form of the sign-in page. */
  async signIn(login: string, password: string): Promise<void> {
    await this.page.getByLabel('User name or email address').fill(login);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Chooses in the account menu of the header. */
  async chooseInAccountMenu(item: 'Account' | 'Sign out' | 'Sign in' | 'Sign up'): Promise<void> {
    await this.accountMenu.click();
    await this.choose(item);
  }

  /** Chooses in the menu that is open. */
  async choose(item: string): Promise<void> {
    await this.menu.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** Signs out; the device must have no unsent edits. */
  async signOut(): Promise<void> {
    await this.chooseInAccountMenu('Sign out');
    await this.dialog.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(this.dialog).toHaveCount(0);
  }

  /** The part of the account page with this heading. */
  section(heading: string): Locator {
    return this.page.locator('section').filter({
      has: this.page.getByRole('heading', { name: heading, exact: true }),
    });
  }

  async chooseName(name: string): Promise<void> {
    await this.request('PATCH', '/me', { name });
  }

  /** Sends a request to the REST API with this person's cookies. */
  async request<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const { status, text } = await this.page.evaluate(
      async ([how, where, what]) => {
        const answer = await fetch(`/api/v1${where}`, {
          method: how,
          ...(what !== '' && { headers: { 'content-type': 'application/json' }, body: what }),
        });
        return { status: answer.status, text: await answer.text() };
      },
      [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
    );
    if (status >= 400) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** A document's text on the server, as this person may read it. */
  readText(id: string): Promise<string> {
    return this.page.evaluate(async (which) => {
      const answer = await fetch(`/d/${which}.md`);
      if (!answer.ok) throw new Error(`The text was answered with ${answer.status}`);
      return answer.text();
    }, id);
  }

  /** Creates a document, opens it, and waits until it is saved. */
  async createDocument(title: string, text: string): Promise<DocumentResource> {
    const document = await this.request<DocumentResource>('POST', '/documents', { title, text });
    await this.page.goto(new URL(document.url, this.page.url()).href);
    await this.status.filter({ hasText: /^Saved$/ }).waitFor();
    return document;
  }

  /** Makes a link in the share dialog, which stays open. @returns the link's address */
  async makeLink(choose: {
    readonly role: 'Can view' | 'Can comment' | 'Can edit';
    readonly label: string;
    readonly password?: string;
  }): Promise<string> {
    if (!(await this.dialog.isVisible())) await this.shareButton.click();
    await this.dialog.getByRole('button', { name: 'New link' }).click();
    const form = this.dialog.getByRole('form', { name: 'New link' });
    await form.getByRole('combobox', { name: 'Who opens it' }).selectOption(choose.role);
    await form.getByLabel('Label').fill(choose.label);
    if (choose.password !== undefined) await form.getByLabel('Password').fill(choose.password);
    await form.getByRole('button', { name: 'Create link' }).click();
    const address = this.dialog.getByRole('textbox', { name: 'Address of the new link' });
    return address.inputValue();
  }

  /** In the open share dialog: the role of a person or a link, by its name. */
  roleOf(name: string): Locator {
    return this.dialog.getByRole('combobox', { name: `Role of ${name}` });
  }

  /** Resolves when the app shell is cached, so that the page opens without a network. */
  async untilOnDevice(): Promise<void> {
    await this.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  }

  /** The number of unsent edits on this device. */
  async keptEdits(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const request = indexedDB.open('concord');
          // The database does not exist yet: aborting leaves it so.
          request.onupgradeneeded = () => request.transaction?.abort();
          request.onerror = () => resolve(0);
          request.onsuccess = () => {
            const database = request.result;
            const rows = database.transaction('replicas').objectStore('replicas').getAll();
            rows.onerror = () => reject(new Error(String(rows.error)));
            rows.onsuccess = () => {
              database.close();
              const kept = rows.result as { pendingEdits: number }[];
              resolve(kept.reduce((sum, { pendingEdits }) => sum + pendingEdits, 0));
            };
          };
        }),
    );
  }

  /** Switches the network of all tabs of this browser off or on. */
  async setOffline(isOffline: boolean): Promise<void> {
    await this.#context.setOffline(isOffline);
  }

  /** In the list: the row of the document with this title. */
  row(title: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: title });
  }

  /** Types character by character. */
  async type(text: string, delayMs = 15): Promise<void> {
    for (const character of text) {
      if (character === '\n') await this.page.keyboard.press('Enter');
      else await this.page.keyboard.insertText(character);
      await this.page.waitForTimeout(delayMs);
    }
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async paste(text: string): Promise<void> {
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await this.page.keyboard.press('Control+v');
  }

  /** The rendered lines, also behind a dialog; the whole of a short text. */
  async visibleText(): Promise<string> {
    const lines = await this.page.locator('.cm-content .cm-line').allTextContents();
    return lines.join('\n');
  }

  /** The whole text, by selecting and copying it. */
  async copyAll(): Promise<string> {
    await this.content.focus();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.press('Control+c');
    const text = await this.page.evaluate(() => navigator.clipboard.readText());
    await this.page.keyboard.press('Control+End');
    return text;
  }

  /** Records every text of the status from now on. @returns reads the record */
  async watchStatus(): Promise<() => Promise<readonly string[]>> {
    await this.page.evaluate(() => {
      const element = document.querySelector('[role="status"]');
      const seen: string[] = [element?.textContent?.trim() ?? ''];
      (globalThis as unknown as { seenStatus: string[] }).seenStatus = seen;
      new MutationObserver(() => {
        const text = document.querySelector('[role="status"]')?.textContent?.trim() ?? '';
        if (seen.at(-1) !== text) seen.push(text);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    return () =>
      this.page.evaluate(() => (globalThis as unknown as { seenStatus: string[] }).seenStatus);
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
