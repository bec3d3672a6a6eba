/** Three people in one paragraph: the texts converge, undo is per person, carets move with the text. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
serve('test', (started) => (server = started), limitsOfPeople);

test('three people type into one paragraph, paste 100 KB, and undo only their own edits', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ title: 'Together', text: 'start middle end' });
  const people = await Promise.all(
    [0, 1, 2].map(() => PersonAtPage.at(browser, `${server.url}${url}`)),
  );
  const [ann, bob, eve] = people as [PersonAtPage, PersonAtPage, PersonAtPage];
  for (const person of people) {
    await expect(person.status).toHaveText('Saved');
    await expect(person.people).toHaveCount(3);
    await expect(person.title).toHaveValue('Together');
  }

  await ann.content.click();
  await ann.press('Control+Home');
  await bob.content.click();
  await bob.press('Control+Home', ...Array<string>('start middle'.length).fill('ArrowRight'));
  await eve.content.click();
  await eve.press('Control+End');
  const [byAnn, byBob, byEve] = [
    'Ann 👩‍👩‍👧‍👦 writes ',
    ' Bob e\u0301te\u0301 🏳️‍🌈 reads',
    ' Eve añade 😀👍🏽 e\u0308',
  ] as const;
  await Promise.all([ann.type(byAnn), bob.type(byBob), eve.type(byEve)]);
  const written = `${byAnn}start middle${byBob} end${byEve}`;
  for (const person of people) {
    await expect.poll(() => person.visibleText()).toBe(written);
    await expect(person.status).toHaveText('Saved');
  }
  expect(await server.readText(id)).toBe(written);

  // One person pastes 100 KB while the others type on in the same paragraph.
  const pasted = `\n${'A pasted line with 😀 and ümlauts, to fill a page.\n'.repeat(2_000)}`;
  expect(Buffer.byteLength(pasted)).toBeGreaterThan(100_000);
  await Promise.all([eve.paste(pasted), ann.type('more '), bob.type(', too')]);
  await expect.poll(() => server.readText(id)).toContain(pasted);
  const everything = `${byAnn}more start middle${byBob}, too end${byEve}${pasted}`;
  await expect.poll(() => server.readText(id)).toBe(everything);
  for (const person of people) {
    await expect(person.status).toHaveText('Saved');
    await expect.poll(() => person.copyAll()).toBe(everything);
  }

  // Each undoes only their own edits.
  await bob.content.focus();
  for (let times = 0; times < 40 && (await server.readText(id)).includes(byBob); times++) {
    await bob.press('Control+z');
    await bob.page.waitForTimeout(50);
  }
  const withoutBob = `${byAnn}more start middle end${byEve}${pasted}`;
  await expect
    .poll(async () => {
      await bob.press('Control+z');
      return server.readText(id);
    })
    .toBe(withoutBob);
  await eve.content.focus();
  await expect
    .poll(async () => {
      await eve.press('Control+z');
      return server.readText(id);
    })
    .toBe(`${byAnn}more start middle end`);
  await ann.content.focus();
  await expect
    .poll(async () => {
      await ann.press('Control+z');
      return server.readText(id);
    })
    .toBe('start middle end');
  // Redo.
  await bob.press('Control+y');
  await expect.poll(() => server.readText(id)).not.toBe('start middle end');
  const final = await server.readText(id);
  for (const person of people) await expect.poll(() => person.copyAll()).toBe(final);
  for (const person of people) await person.leave();
});

test("other people's carets are shown with names, and move with the text", async ({ browser }) => {
  const { url } = await server.createDocument({ text: 'one two three' });
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.chooseName('Ann');
  await ann.page.goto(`${server.url}${url}`);
  const bob = await PersonAtPage.at(browser, `${server.url}/`);
  await bob.chooseName('Bob');
  await bob.page.goto(`${server.url}${url}`);
  await expect(ann.people).toHaveCount(2);

  await bob.content.click();
  await bob.press('Control+Home', ...Array<string>('one two'.length).fill('ArrowRight'));
  await ann.content.click();
  await ann.press('Control+Home');
  await expect(ann.carets).toHaveCount(1);
  await expect(ann.carets.first()).toContainText('Bob');
  await expect(bob.carets.first()).toContainText('Ann');

  // Bob's caret stands behind "two", and stays there when Ann types before it.
  const leftOf = async (): Promise<number> => (await ann.carets.first().boundingBox())?.x ?? 0;
  await expect.poll(() => behindText(ann, 'one two')).toBeLessThan(2);
  const before = await leftOf();
  await ann.type('zero zero zero ');
  await expect.poll(() => behindText(ann, 'zero zero zero one two')).toBeLessThan(2);
  expect(await leftOf()).toBeGreaterThan(before + 50);
  // It follows Bob's own typing.
  await bob.type(' and a half');
  await expect.poll(() => behindText(ann, 'zero zero zero one two and a half')).toBeLessThan(2);
  // A new name shows at once.
  await bob.chooseName('Robert');
  await expect(ann.carets.first()).toContainText('Robert');
  // The caret of a person who leaves disappears.
  await bob.leave();
  await expect(ann.carets).toHaveCount(0);
  await expect(ann.people).toHaveCount(1);
  await ann.leave();
});

/** Distance in pixels of the other person's caret from the end of `text`, which begins the first line. */
async function behindText(person: PersonAtPage, text: string): Promise<number> {
  const box = await person.carets.first().boundingBox();
  const end = await person.content
    .locator('.cm-line')
    .first()
    .evaluate((line, length) => {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      let left = length;
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const size = node.nodeValue?.length ?? 0;
        if (left <= size) {
          const range = document.createRange();
          range.setStart(node, left);
          range.setEnd(node, left);
          return range.getBoundingClientRect().x;
        }
        left -= size;
      }
      return -1;
    }, text.length);
  return Math.abs((box?.x ?? -1_000) - end);
}
