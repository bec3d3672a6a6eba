/** Two people at different nodes of a cluster, behind nginx: the node that owns their document is killed. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../../support/people.ts';
import { temporaryDirectory } from '../../support/server.ts';
import { limitsOfPeople } from '../../support/serving.ts';
import { TestCluster } from '../cluster.ts';
import { LogReader } from '../log-reader.ts';

/** Far longer than a takeover. */
const SERVED_WITHIN_MS = 120_000;

let directory: ReturnType<typeof temporaryDirectory>;
let cluster: TestCluster;
let reader: LogReader;

test.beforeAll(async () => {
  directory = temporaryDirectory();
  cluster = await TestCluster.start({
    directory: directory.path,
    nodes: 2,
    balancing: 'byClient',
    clients: 2,
    environment: limitsOfPeople,
  });
  reader = await LogReader.open(cluster.database.url());
});
test.afterAll(async () => {
  await reader.close();
  await cluster.end();
  directory.remove();
});

test('two people at different nodes type on when the owner of their document is killed, and lose nothing', async ({
  browser,
}) => {
  const id = await cluster.createDocument(0, { text: 'Ann:\n\nBob:\n' });
  const people = await Promise.all(
    [0, 1].map((client) => PersonAtPage.at(browser, `${cluster.nginx.url(client)}/d/${id}`)),
  );
  const [ann, bob] = people as [PersonAtPage, PersonAtPage];
  for (const person of people) await expect(person.status).toHaveText('Saved');
  await ann.content.click();
  await ann.press('Control+Home', 'End');
  await bob.content.click();
  await bob.press('Control+End');

  let isTyping = true;
  const typed = ['', ''];
  const typing = people.map(async (person, index) => {
    for (let word = 0; isTyping; word++) {
      const text = ` ${index === 0 ? 'ann' : 'bob'}${word}`;
      await person.type(text, 20);
      typed[index] += text;
    }
  });
  // Each sees what the other types, although they are connected to different nodes.
  await expect(ann.content).toContainText('bob1');
  await expect(bob.content).toContainText('ann1');

  const statuses = await Promise.all(people.map((person) => person.watchStatus()));
  const owned = await Promise.all(
    cluster.nodes.map(async (node) =>
      (await reader.ownedBy(node.name, [id])).size > 0 ? node : [],
    ),
  );
  const [owner] = owned.flat();
  if (owner === undefined) throw new Error('No node owns the document');
  console.log(`${owner.name} owns the document, and is killed`);
  await owner.kill();
  // The other node takes the document over, and both type on there.
  const lengths = await Promise.all(
    people.map(async (person) => (await person.visibleText()).length),
  );
  for (const [index, person] of people.entries()) {
    const enough = (lengths[index] ?? 0) + 100;
    await expect.poll(async () => (await person.visibleText()).length).toBeGreaterThan(enough);
  }
  isTyping = false;
  await Promise.all(typing);
  for (const person of people) {
    await expect(person.status).toHaveText(/^(Saved|Merged \d+ changes?)$/);
  }
  // "Saved" means durable: the text is read from the node that is left.
  const text = await readWhenServed(ann, id);
  expect(text).toBe(`Ann:${typed[0]}\n\nBob:\n${typed[1]}`);
  for (const [index, person] of people.entries()) {
    await expect.poll(() => person.copyAll()).toBe(text);
    const wordings = ((await statuses[index]?.()) ?? []).map((each) => each.replace(/\d+/, 'n'));
    const distinct = wordings.filter((wording, place) => wording !== wordings[place - 1]);
    console.log(`${index === 0 ? 'Ann' : 'Bob'} saw: ${distinct.join(' | ')}`);
    // What was typed while no node had the document was never shown as saved without a reconnection between.
    expect(distinct.some((wording) => wording.startsWith('Reconnecting'))).toBe(true);
  }
  const verdicts = await reader.verify();
  expect([...verdicts.values()].flatMap(({ faults }) => faults)).toEqual([]);
  for (const person of people) await person.leave();
});

/** Asks again only where a node says that it may be asked again: anything else is a fault, and nginx tells more of it. */
async function readWhenServed({ page }: PersonAtPage, id: string): Promise<string> {
  const until = performance.now() + SERVED_WITHIN_MS;
  for (;;) {
    const answer = await page.evaluate(async (which) => {
      const response = await fetch(`/d/${which}.md`);
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, retryAfter, text: await response.text() };
    }, id);
    const { status, retryAfter, text } = answer;
    if (status === 200) return text;
    if (status !== 503 || retryAfter === null || performance.now() > until) {
      throw new Error(`The text was answered with ${status}: ${text}\n${cluster.nginx.log()}`);
    }
    await page.waitForTimeout(Number(retryAfter) * 1_000);
  }
}
