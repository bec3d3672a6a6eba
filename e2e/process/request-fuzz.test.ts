/**
 * Fuzzes HTTP with concurrent requests while people type: the server stays up, answers none with a fault, and
 * interrupts no session. CONCORD_FUZZ_REQUESTS is the number of requests.
 */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { randomId } from '@concord/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestOf, type FuzzRequest } from '../support/api-fuzzer.ts';
import { operationsOf, type OpenApiDocument } from '../support/openapi.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const REQUESTS = Number(process.env['CONCORD_FUZZ_REQUESTS'] ?? 20_000);
const SEED = Number(process.env['CONCORD_FUZZ_SEED'] ?? 20_262);
const AT_ONCE = 12;
const PEOPLE = 3;
/** Pause between two keystrokes of a person. */
const KEY_MS = 80;

/** Requests outside the OpenAPI document: other methods, paths, media types and bodies. */
const shapeless: fc.Arbitrary<FuzzRequest> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
    parts: fc.array(
      fc.constantFrom(
        'api',
        'v1',
        'documents',
        'd',
        's',
        '..',
        '%2e%2e',
        '%00',
        'x.md',
        '%ff',
        '*',
        'me',
      ),
      { maxLength: 5 },
    ),
    query: fc.constantFrom('', '?', '?a=b', '?limit=1e999', '?q=%F0%9F%98%80', '?cursor=[]'),
    type: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data', 'x', ''),
    body: fc.constantFrom(
      '',
      '{',
      '[[[[',
      'null',
      '{"__proto__":{}}',
      '\u0000',
      '"\\ud800"',
      '1e999',
    ),
  })
  .map(({ method, parts, query, type, body }) => ({
    method,
    target: `/${parts.join('/')}${query}`,
    headers: type === '' ? {} : { 'content-type': type },
    body: method === 'GET' || method === 'HEAD' ? null : body,
    isWrong: false,
  }));

/** Avoids fetch(), which normalises URLs and headers. */
function statusOf(
  server: TestServer,
  { method, target, headers, body }: FuzzRequest,
  who: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        method,
        path: target,
        headers: {
          ...headers,
          ...who,
          ...(body !== null && { 'content-length': Buffer.byteLength(body) }),
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

it(
  `${REQUESTS} fuzzed requests cause no fault and do not disturb ${PEOPLE} people typing`,
  { timeout: 1_800_000 },
  async () => {
    const directory = temporaryDirectory();
    const server = await TestServer.start({
      dataDirectory: directory.path,
      environment: { CONCORD_TRUSTED_PROXIES: '127.0.0.1' },
    });
    const response = await fetch(`${server.url}/api/v1/openapi.json`);
    const description = (await response.json()) as OpenApiDocument;
    const definitions = description.components.schemas;

    const { id } = await server.createDocument({ text: 'Together.\n' });
    const people = Array.from({ length: PEOPLE }, () =>
      connectDocument({ url: server.url, documentId: id }),
    );
    await Promise.all(people.map((each) => each.whenOpen()));
    const refused: string[] = [];
    for (const each of people) each.on('refused', ({ code }) => void refused.push(code));
    const acknowledgedMs: number[] = [];
    let isTyping = true;
    const typing = people.map(async (each) => {
      for (let typed = 0; isTyping; typed += 1) {
        const began = performance.now();
        each.insert(typed % 50, 'x');
        await each.whenSynchronized();
        acknowledgedMs.push(performance.now() - began);
        await sleep(KEY_MS);
      }
    });

    // Targets: the guests' own documents, and ids that do not exist.
    const guests = Array.from({ length: 4 }, () => ({ guestToken: randomId() }));
    const own = await Promise.all(
      guests.map(async (who) => {
        const created = await fetch(`${server.url}/api/v1/documents`, {
          method: 'POST',
          headers: { ...who, 'content-type': 'application/json' },
          body: JSON.stringify({ title: 'Hit', text: 'one two three' }),
        });
        return ((await created.json()) as { id: string }).id;
      }),
    );
    const pool = { id: [...own, randomId()], password: ['correct horse battery'] };
    const arbitraries = operationsOf(description).map((operation) =>
      requestOf(operation, definitions, pool),
    );
    const each = Math.ceil(REQUESTS / (arbitraries.length + 1));
    const requests = [...arbitraries, shapeless]
      .flatMap((arbitrary, place) =>
        fc
          .sample(arbitrary, { seed: SEED + place, numRuns: each })
          .map((asked, at) => ({ asked, at })),
      )
      // Interleaves the operations.
      .sort((one, other) => one.at - other.at)
      .slice(0, REQUESTS);

    const faults: string[] = [];
    const statuses = new Map<number, number>();
    let next = 0;
    const hitting = Array.from({ length: AT_ONCE }, async (_, lane) => {
      for (let place = next++; place < requests.length; place = next++) {
        const asked = requests[place]?.asked;
        if (asked === undefined) return;
        const who = {
          ...guests[(place + lane) % guests.length],
          // Rate limits by address must not shadow the responses under test.
          'x-forwarded-for': `10.4.${(place >> 8) & 255}.${place & 255}`,
        };
        const status = await statusOf(server, asked, who).catch((error: unknown) => String(error));
        if (typeof status === 'string') faults.push(`${status} ${JSON.stringify(asked)}`);
        else {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          // 503 is back-pressure (`busy`); any other 5xx is a fault.
          if (status >= 500 && status !== 503) faults.push(`${status} ${JSON.stringify(asked)}`);
        }
      }
    });
    await Promise.all(hitting);
    isTyping = false;
    await Promise.all(typing);

    const times = acknowledgedMs.sort((one, other) => one - other);
    const at = (share: number): string =>
      (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
    console.log(
      `request fuzz: CONCORD_FUZZ_SEED=${SEED}, ${requests.length} requests, ` +
        `${[...statuses]
          .sort()
          .map(([status, count]) => `${count} × ${status}`)
          .join(', ')}; ` +
        `${times.length} keys acknowledged after ${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${at(1)} ms (most)`,
    );
    expect(faults.slice(0, 3)).toEqual([]);
    expect(refused).toEqual([]);
    const text = await server.readText(id);
    await expect
      .poll(() => people.map((person) => person.text === text), { timeout: 60_000 })
      .toEqual(people.map(() => true));
    expect(text.match(/x/g)).toHaveLength(times.length);
    for (const person of people) await person.close();
    expect(await server.stop()).toBe(0);
    directory.remove();
  },
);
