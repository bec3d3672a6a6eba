/** REST by a node that does not have the document: what touches its text is answered by its owner, byte for byte. */
import { randomBytes } from 'node:crypto';
import type { DocumentId } from '@concord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RawAnswer } from '../../realtime/test-gateway.ts';
import { Nodes } from './test-nodes.ts';

let nodes: Nodes;
let id: DocumentId;
const FORWARDED = 'concord_forwarded_total{kind="request",result="sent"}';

const textPath = (): string => `/api/v1/documents/${id}/text`;
const ask = (name: string, path: string, headers = {}, options = {}): Promise<RawAnswer> =>
  nodes.scene(name).ask(path, { ...nodes.guest, ...headers }, options);
const put = (name: string, text: string, headers = {}): Promise<RawAnswer> =>
  ask(name, textPath(), { 'content-type': 'text/plain', ...headers }, { method: 'PUT', body: text }); // prettier-ignore
const forwardedBy = (name: string): Promise<number> => nodes.scene(name).metric(FORWARDED);

/** What differs between two answers to the same question, and between two connections. */
const changing = ['date', 'ratelimit', 'connection', 'keep-alive'];
function comparable({ status, headers, text }: RawAnswer): object {
  const same = Object.entries(headers).filter(([name]) => !changing.includes(name));
  return { status, headers: Object.fromEntries(same), text };
}

describe('a request for a text by a node that does not have the document', () => {
  beforeAll(async () => {
    nodes = await Nodes.open(['a', 'b']);
  });
  afterAll(() => nodes.close());
  beforeEach(async () => {
    id = await nodes.document('b', 'one two three\n');
  });

  it('is answered as its owner does, with tags, compression and problems', async () => {
    const etag = (await ask('b', textPath())).headers.etag ?? '';
    const snapshot = `/api/v1/documents/${id}/snapshot`;
    const questions: [string, object, object][] = [
      [textPath(), {}, {}],
      [textPath(), {}, { method: 'HEAD' }],
      [textPath(), { 'if-none-match': etag }, {}],
      [textPath(), { 'if-none-match': etag }, { method: 'HEAD' }],
      [`/d/tale-${id}.md`, {}, {}],
      [snapshot, { 'accept-encoding': 'gzip' }, {}],
      [snapshot, {}, { method: 'HEAD' }],
      [`${snapshot}?atLeast=9`, {}, {}],
      [`${snapshot}?atLeast=x`, {}, {}],
      [textPath(), { guesttoken: 'x'.repeat(26) }, {}],
      [textPath(), { authorization: 'Bearer none' }, {}],
      [textPath(), { 'content-type': 'text/plain', 'if-match': '"no"' }, { method: 'PUT', body: 'x' }], // prettier-ignore
      [textPath(), { 'content-type': 'application/json' }, { method: 'PUT', body: '{}' }],
    ];
    const before = await forwardedBy('a');
    for (const [path, headers, options] of questions) {
      const byOwner = comparable(await ask('b', path, headers, options));
      expect(comparable(await ask('a', path, headers, options))).toEqual(byOwner);
    }
    expect(await forwardedBy('a')).toBe(before + questions.length);
    expect(await nodes.scene('a').metric('concord_documents_open')).toBe(0);
  });

  it('writes at the owner, once for each key', async () => {
    const first = await put('a', 'one 2 three\n', { 'idempotency-key': 'once' });
    expect([first.status, first.headers['concord-version']]).toEqual([204, '2']);
    expect(comparable(await put('a', 'one 2 three\n', { 'idempotency-key': 'once' }))).toEqual(
      comparable(first),
    );
    expect((await ask('b', textPath())).text).toBe('one 2 three\n');
    expect(await nodes.scene('a').metric('concord_documents_open')).toBe(0);
  });

  it('has a body of any length that the owner takes, and is refused for a longer one', async () => {
    const long = randomBytes(600_000).toString('hex');
    expect((await put('a', long, { 'if-match': '*' })).status).toBe(204);
    expect((await ask('a', textPath())).text).toBe(long);
    const nobody = { guesttoken: 'x'.repeat(26), 'if-match': '*' };
    expect((await put('a', long, nobody)).status).toBe(404);
    expect((await put('a', 'x'.repeat(9_000_000))).status).toBe(413);
    expect((await ask('a', textPath())).text).toBe(long);
  });

  it('is answered where it arrives when it touches no text', async () => {
    const before = await forwardedBy('a');
    for (const path of [
      `/api/v1/documents/${id}`,
      `/api/v1/documents/${id}/operation?after=0&through=1`,
      '/api/v1/documents',
      '/livez',
    ]) {
      expect([path, (await ask('a', path)).status]).toEqual([path, 200]);
    }
    expect(await forwardedBy('a')).toBe(before);
  });

  it('is answered where it arrives when it names no document', async () => {
    const before = await forwardedBy('a');
    for (const path of ['/api/v1/documents/none/text', '/d/none.md']) {
      const [byOne, byOther] = [await ask('a', path), await ask('b', path)];
      expect([byOne.status, byOne.text]).toEqual([byOther.status, byOther.text]);
    }
    expect(await forwardedBy('a')).toBe(before);
  });
});

describe('the client of a forwarded request', () => {
  beforeAll(async () => {
    // Only this one is behind a load balancer that it trusts.
    nodes = await Nodes.open(['a', 'b'], (name) => ({
      CONCORD_REQUESTS_PER_MINUTE: '60',
      ...(name === 'a' && { CONCORD_TRUSTED_PROXIES: '127.0.0.1' }),
    }));
    id = await nodes.document('b', 'one\n', { anyone: 'viewer' });
  });
  afterAll(() => nodes.close());

  const left = async (name: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const answer = await nodes.scene(name).ask(textPath(), headers);
    expect(answer.status).toBe(200);
    return Number(/r=(\d+)/.exec(String(answer.headers['ratelimit']))?.[1]);
  };

  it('is counted by its own address, which the first node saw', async () => {
    const whole = await left('a', { 'x-forwarded-for': '203.0.113.1' });
    const same = { 'x-forwarded-for': '203.0.113.2' };
    const lefts = await Promise.all(Array.from({ length: 20 }, () => left('a', same)));
    expect(Math.min(...lefts)).toBeLessThan(whole);
    expect(await left('a', { 'x-forwarded-for': '203.0.113.3' })).toBe(whole);
  });

  it('cannot choose its address by a header of the nodes', async () => {
    const whole = await left('a', { 'x-forwarded-for': '203.0.113.4' });
    const forged = { 'concord-forwarded': 'e30.e30.e30' };
    const lefts = Array.from({ length: 20 }, (_, number) =>
      left('b', { ...forged, 'x-forwarded-for': `203.0.113.${number + 10}` }),
    );
    expect(Math.min(...(await Promise.all(lefts)))).toBeLessThan(whole);
  });
});
