/** Texts crafted to freeze the page that opens them: they open, and can be edited and repaired. */
import { expect, test, type Browser, type Page } from '@playwright/test';
import type { DocumentResource } from '@concord/protocol';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

const hostile: Readonly<Record<string, string>> = {
  'openings of links': repeated('[a](', 100_000),
  'emphasis that touches': repeated('a*b', 100_000),
  'combining marks': `a${'\u0301'.repeat(100_000)}`,
  'marks of every kind': repeated('ab*c_d`e[f]g(h)i', 1_000_000),
  'changes of direction': repeated('a\u202e', 100_000),
  'control characters': '\u0001'.repeat(100_000),
  'joined emoji': repeated('👨‍', 99_999),
  'quotes within each other': repeated('>', 100_000),
  'definitions that never end': repeated('[a]: b "\n', 100_000),
};
/** Baseline: the cost of ordinary prose of the same length on this machine. */
const prose = repeated('The quick brown fox jumps over the lazy dog. ', 1_000_000);

/** Records the duration of each long task (over 50 ms) of the page. */
async function watchTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { __tasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ entryTypes: ['longtask'] });
  });
}

function longestTask(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(0, ...(globalThis as unknown as { __tasks: number[] }).__tasks.splice(0)),
  );
}

/** Opens a document with the text, types into it, empties it. @returns the longest task in milliseconds */
async function longestWith(browser: Browser, name: string, text: string): Promise<number> {
  const person = await PersonAtPage.at(browser, server.url, watchTasks);
  const made = { title: name, text };
  const document = await person.request<DocumentResource>('POST', '/documents', made);
  await longestTask(person.page);
  await person.page.goto(new URL(document.url, server.url).href);
  await expect(person.status).toHaveText('Saved');
  const opening = await longestTask(person.page);

  await person.content.focus();
  await person.page.keyboard.press('Control+Home');
  await person.page.keyboard.type('typed ');
  await expect(person.status).toHaveText('Saved');
  expect((await person.readText(document.id)).startsWith('typed ')).toBe(true);
  const typing = await longestTask(person.page);

  await person.page.keyboard.press('Control+A');
  await person.page.keyboard.type('repaired');
  await expect(person.content).toHaveText('repaired');
  await expect.poll(() => person.readText(document.id)).toBe('repaired');
  await person.leave();
  console.log(`${name}: opening ${opening.toFixed(0)} ms, a key ${typing.toFixed(0)} ms`);
  return Math.max(opening, typing);
}

test('texts crafted to freeze the page open and can be edited about as fast as prose', async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const ordinary = Math.max(50, await longestWith(browser, 'prose', prose));
  for (const [name, text] of Object.entries(hostile)) {
    // Without the bounds of the editor it is 40 to 1,000 times as much.
    const longest = await longestWith(browser, name, text);
    expect(longest, name).toBeLessThan(10 * ordinary);
  }
});

test('text too dense to draw is shown as a chip, which Backspace deletes', async ({ browser }) => {
  const person = await PersonAtPage.at(browser, server.url);
  const { id } = await person.createDocument('Marks', `a${'\u0301'.repeat(1_000)} end`);
  const chip = person.page.getByText('992 characters not shown');
  await expect(chip).toBeVisible();
  await person.content.focus();
  await person.page.keyboard.press('Control+Home');
  await person.page.keyboard.press('ArrowRight');
  await person.page.keyboard.press('Backspace');
  await expect(chip).toBeHidden();
  await expect.poll(() => person.readText(id)).toBe(`a${'\u0301'.repeat(8)} end`);
  await person.leave();
});
