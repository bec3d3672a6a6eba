/** Replays recorded editing traces through the real server: the final text equals the recorded one. */
import { connectDocument } from '@concord/client/node';
import {
  noOperation,
  transformCommitted,
  transformUncommitted,
  type TextOperation,
} from '@concord/ot';
import { expect, it } from 'vitest';
import { temporaryDirectory, TestServer, verify } from '../support/server.ts';
import { hasTraces, knowledgeOf, operationOf, readTrace } from '../support/traces.ts';

const skipped = hasTraces ? '' : ' (skipped: set CONCORD_TRACES)';

it.skipIf(!hasTraces)(
  `automerge-paper, 259,778 edits, replayed by one client ends with the recorded text${skipped}`,
  { timeout: 900_000 },
  async () => {
    const trace = readTrace('automerge-paper');
    const directory = temporaryDirectory();
    const server = await TestServer.start({ dataDirectory: directory.path });
    const { id } = await server.createDocument();
    const client = connectDocument({ url: server.url, documentId: id });
    await client.whenOpen();
    for (const [index, transaction] of trace.txns.entries()) {
      client.edit(operationOf(transaction));
      // Yields to the network every 20 edits; pending edits are composed into one operation.
      if (index % 20 === 0) await new Promise(setImmediate);
    }
    await client.whenSynchronized();
    expect(client.text === trace.endContent).toBe(true);
    expect((await server.readText(id)) === trace.endContent).toBe(true);
    console.log(`automerge-paper: ${trace.txns.length} edits in ${client.view.version} operations`);
    await client.close();
    expect(await server.stop()).toBe(0);
    const verdict = await verify(directory.path);
    expect(verdict.stdout).toContain('1 documents verified, 0 faulty');
    expect(verdict.code).toBe(0);
    directory.remove();
  },
);

/**
 * Two people who saw each other about a second late. The author of each transaction knew only `knowledge` of the other's
 * transactions; our clients have already received more. The surplus is kept per person as `ahead`: the recorded edit is
 * transformed over it, and it over the edit. Both clients send concurrent transactions at once unless they may touch.
 */
it.skipIf(!hasTraces)(
  `friendsforever.concurrent replayed by two clients ends with the recorded text${skipped}`,
  { timeout: 900_000 },
  async () => {
    const trace = readTrace('friendsforever.concurrent');
    const knowledge = knowledgeOf(trace);
    const directory = temporaryDirectory();
    const server = await TestServer.start({ dataDirectory: directory.path });
    const { id } = await server.createDocument();

    const people = [0, 1].map((agent) => {
      const client = connectDocument({ url: server.url, documentId: id });
      const person = {
        agent,
        client,
        /** Indices of this person's remaining transactions. */
        todo: [...trace.txns.keys()].filter((index) => trace.txns[index]?.agent === agent),
        done: 0,
        known: 0,
        ahead: [] as TextOperation[],
        received: [] as TextOperation[],
      };
      client.on('change', ({ origin, operation }) => {
        if (origin === 'remote') person.received.push(operation);
      });
      return person;
    });
    type Person = (typeof people)[number];
    const [first, second] = people as [Person, Person];
    const other = (person: Person): Person => (person === first ? second : first);
    const neededOf = (person: Person, index: number): number =>
      knowledge[index]?.[other(person).agent === 0 ? 0 : 1] ?? 0;
    const isAvailable = (person: Person): boolean => {
      const [index] = person.todo;
      return index !== undefined && neededOf(person, index) <= other(person).done;
    };
    /** The next recorded edit in this person's current text. Of insertions at one position, the first person's is left. */
    const translate = (person: Person): TextOperation => {
      const index = person.todo.shift() ?? 0;
      const learned = neededOf(person, index) - person.known;
      if (learned > 0) {
        person.ahead.splice(0, learned);
        person.known += learned;
      }
      const transaction = trace.txns[index];
      let operation = transaction === undefined ? noOperation : operationOf(transaction);
      person.ahead = person.ahead.map((ahead) => {
        const over = operation;
        if (person === first) {
          operation = transformCommitted(over, ahead);
          return transformUncommitted(ahead, over);
        }
        operation = transformUncommitted(over, ahead);
        return transformCommitted(ahead, over);
      });
      return operation;
    };

    await Promise.all(people.map(({ client }) => client.whenOpen()));
    let together = 0;
    while (first.todo.length + second.todo.length > 0) {
      const edits = new Map<Person, TextOperation>();
      for (const person of people) if (isAvailable(person)) edits.set(person, noOperation);
      const isTogether = edits.size === 2 && !mayTouch(first, second);
      if (edits.size === 2 && !isTogether) edits.delete(second);
      if (isTogether) together += 1;
      for (const person of edits.keys()) edits.set(person, translate(person));
      const version = first.client.view.version + countEffective(edits);
      for (const [person, operation] of edits) person.client.edit(operation);
      for (const person of people) {
        await person.client.whenSynchronized();
        while (person.client.view.version < version) await new Promise(setImmediate);
      }
      for (const person of edits.keys()) {
        person.done += 1;
        const { ahead, received } = other(person);
        ahead.push(received.shift() ?? noOperation);
      }
    }
    console.log(`friendsforever: ${trace.txns.length} edits, ${together} times both at once`);
    for (const { client } of people) expect(client.text).toBe(trace.endContent);
    expect(await server.readText(id)).toBe(trace.endContent);
    for (const { client } of people) await client.close();
    expect(await server.stop()).toBe(0);
    expect((await verify(directory.path)).stdout).toContain('1 documents verified, 0 faulty');
    directory.remove();

    function mayTouch(one: Person, two: Person): boolean {
      const [a, b] = [one, two].map((person) => spanInOwnContext(person));
      // Positions of two contexts differ by the edits that only one of them knows.
      const slack = 3 * (one.ahead.length + two.ahead.length) + 50;
      return (
        a === undefined || b === undefined || (a.from - slack <= b.to && b.from - slack <= a.to)
      );
    }
    function spanInOwnContext(person: Person): { from: number; to: number } | undefined {
      const [index] = person.todo;
      const patches = index === undefined ? undefined : trace.txns[index]?.patches;
      if (patches === undefined) return undefined;
      return {
        from: Math.min(...patches.map(([position]) => position)),
        to: Math.max(
          ...patches.map(([position, deleted, text]) => position + deleted + text.length),
        ),
      };
    }
  },
);

/** An edit that became a no-op is never sent. */
function countEffective(edits: ReadonlyMap<unknown, TextOperation>): number {
  return [...edits.values()].filter((operation) => operation.length > 0).length;
}
