/** The server is killed while two people type: typing is not interrupted, the status is right, nothing is lost. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { limitsOfPeople, serve } from '../support/serving.ts';

let server: TestServer;
const restart = serve('test', (started) => (server = started), limitsOfPeople);

test('a server killed with -9 while two people type interrupts neither and loses nothing', async ({
  browser,
}) => {
  const { id, url } = await server.createDocument({ text: 'Ann:\n\nBob:\n' });
  const [ann, bob] = await Promise.all([
    PersonAtPage.at(browser, `${server.url}${url}`),
    PersonAtPage.at(browser, `${server.url}${url}`),
  ]);
  const people = [ann, bob];
  for (const person of people) await expect(person.status).toHaveText('Saved');
  await ann.content.click();
  await ann.press('Control+Home', 'End');
  await bob.content.click();
  await bob.press('Control+End');

  // "Saved" means durable: whenever the page shows it, the server has the text.
  for (let round = 0; round < 5; round++) {
    await ann.type(` a${round}`);
    await expect(ann.status).toHaveText('Saved');
    expect(await server.readText(id)).toContain(` a${round}`);
  }

  // Both type without a pause from before the kill until after the restart.
  let isTyping = true;
  const typed = ['', ''];
  const typing = people.map(async (person, index) => {
    for (let word = 0; isTyping; word++) {
      const text = ` ${index === 0 ? 'ann' : 'bob'}${word}`;
      await person.type(text, 20);
      typed[index] += text;
    }
  });
  await ann.page.waitForTimeout(1_000);
  await server.kill();
  await ann.page.waitForTimeout(1_500);
  const statuses = await Promise.all(people.map((person) => person.watchStatus()));
  const lengthBefore = await Promise.all(
    people.map(async (person) => (await person.visibleText()).length),
  );
  await expect(ann.status).toHaveText('Reconnecting…');
  await expect(bob.status).toHaveText('Reconnecting…');
  await expect(ann.status).toHaveText(/^Offline · \d+ changes? kept on this device$/);
  // Both can still type while the server is down.
  for (const [index, person] of people.entries()) {
    const enough = lengthBefore[index]! + 100;
    await expect.poll(async () => (await person.visibleText()).length).toBeGreaterThan(enough);
  }
  for (const seen of statuses) {
    // Without a server the status must not show edits as saved or syncing.
    expect((await seen()).filter((status) => /^(Saved|Merged|Syncing)/.test(status))).toEqual([]);
  }

  await restart();
  await ann.page.waitForTimeout(2_000);
  isTyping = false;
  await Promise.all(typing);
  for (const person of people) {
    await expect(person.status).toHaveText(/^(Saved|Merged \d+ changes?)$/);
  }
  const text = await server.readText(id);
  expect(text).toBe(`Ann: a0 a1 a2 a3 a4${typed[0]}\n\nBob:\n${typed[1]}`);
  for (const [index, person] of people.entries()) {
    await expect.poll(() => person.copyAll()).toBe(text);
    const seen = (await statuses[index]?.()) ?? [];
    const wordings = seen.map((status) => status.replace(/\d+/, 'n'));
    const distinct = wordings.filter((wording, place) => wording !== wordings[place - 1]);
    console.log(`${index === 0 ? 'Ann' : 'Bob'} saw: ${distinct.join(' | ')}`);
    await expect(person.status).toHaveText('Saved');
    await person.leave();
  }
});
