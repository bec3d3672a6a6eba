/** People at their browsers, as a test sees them: by the stable surface of the page (names, roles, texts). */
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';

export class PersonAtPage {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** A person with a browser profile of their own, at an address. */
  static async at(browser: Browser, url: string): Promise<PersonAtPage> {
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(`page error: ${error.message}`));
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
  /** Other people's carets, in the order of the page. */
  get carets(): Locator {
    return this.page.locator('.cm-remoteCaret');
  }

  async chooseName(name: string): Promise<void> {
    const response = await this.page.evaluate(async (chosen) => {
      const answer = await fetch('/api/v1/me', {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: chosen }),
      });
      return answer.status;
    }, name);
    if (response !== 200) throw new Error(`Choosing a name was answered with ${response}`);
  }

  /** Types as a keyboard does, one character after the other. */
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

  /** The visible lines; the whole of a short text. */
  async visibleText(): Promise<string> {
    const lines = await this.content.locator('.cm-line').allTextContents();
    return lines.join('\n');
  }

  /** The whole text, as the person would copy it. */
  async copyAll(): Promise<string> {
    await this.content.focus();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.press('Control+c');
    const text = await this.page.evaluate(() => navigator.clipboard.readText());
    await this.page.keyboard.press('Control+End');
    return text;
  }

  /** Collects every wording of the status from now on. */
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
