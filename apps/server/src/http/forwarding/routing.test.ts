import { PROTOCOL_VERSION, randomClientId, type DocumentId } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocketPeer } from '../../realtime/test-web-socket.ts';
import { tagOfNode } from './session-ids.ts';
import { Nodes } from './test-nodes.ts';

let nodes: Nodes;
const joining = (id: DocumentId): string => {
  const body = { docId: id, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1, protocol: PROTOCOL_VERSION }; // prettier-ignore
  return `42${JSON.stringify(['join', body])}`;
};
const submitting = (seq: number, baseVersion: number, op: readonly unknown[]): string =>
  `42${JSON.stringify(['submit', { seq, baseVersion, op }])}`;
const webSocketPath = (id: DocumentId): string => `/socket.io/?EIO=4&transport=websocket&doc=${id}`;
const pollingPath = (id: DocumentId): string => `/socket.io/?EIO=4&transport=polling&doc=${id}`;

/** Joined by this node, over a WebSocket. */
async function joinedBy(name: string, id: DocumentId): Promise<WebSocketPeer> {
  const peer = await WebSocketPeer.open(nodes.scene(name).port, webSocketPath(id), nodes.guest);
  await peer.until(/^0\{/);
  peer.send('40');
  await peer.until(/^40/);
  peer.send(joining(id));
  await peer.until(/^42\["joined"/);
  return peer;
}

const openAt = (name: string): Promise<number> =>
  nodes.scene(name).metric('concord_documents_open');
const textAt = async (name: string, id: DocumentId): Promise<string> =>
  (await nodes.scene(name).ask(`/api/v1/documents/${id}/text`, nodes.guest)).text;

describe('a connection to a node that does not have the document', () => {
  beforeAll(async () => {
    nodes = await Nodes.open(['a', 'b', 'c']);
  });
  afterAll(() => nodes.close());

  it('over a WebSocket is one to the node that has it: who types there is heard', async () => {
    const id = await nodes.document('b', 'one\n');
    const here = await joinedBy('b', id);
    const there = await joinedBy('a', id);
    there.send(submitting(1, 1, ['far ']));
    await there.until(/^42\["operations".*far /);
    await here.until(/^42\["operations".*far /);
    here.send(submitting(1, 2, ['near ']));
    await there.until(/^42\["operations".*near /);
    expect(await textAt('b', id)).toBe('near far one\n');
    expect(await openAt('a')).toBe(0);
    for (const peer of [here, there]) peer.close();
  });

  it('by polling is one to the node that has it, and each of its requests may take another way', async () => {
    const id = await nodes.document('b', 'one\n');
    const first = await nodes.scene('a').peer(id, nodes.guest);
    await first.send('40');
    await first.until(/^40/);
    await first.send(joining(id));
    await first.until(/^42\["joined"/);
    const handshake = await nodes.scene('a').ask(pollingPath(id), nodes.guest);
    const sid = /"sid":"([^"]+)"/.exec(handshake.text)?.[1] ?? '';
    expect(sid.slice(0, 9)).toBe(`${tagOfNode('b')}.`);
    const path = `${pollingPath(id)}&sid=${sid}`;
    const post = (name: string, body: string) =>
      nodes.scene(name).ask(path, nodes.guest, { method: 'POST', body });
    expect((await post('c', '40')).text).toBe('ok');
    expect((await nodes.scene('b').ask(path, nodes.guest)).text).toMatch(/^40/);
    expect((await post('a', joining(id))).text).toBe('ok');
    expect((await nodes.scene('c').ask(path, nodes.guest)).text).toMatch(/^42\["joined"/);
    await first.send(submitting(1, 1, ['far ']));
    expect((await nodes.scene('a').ask(path, nodes.guest)).text).toContain('far ');
    expect([await openAt('a'), await openAt('c')]).toEqual([0, 0]);
  });

  it('becomes a WebSocket by any node, when it began by polling', async () => {
    const id = await nodes.document('b', 'one\n');
    const handshake = await nodes.scene('a').ask(pollingPath(id), nodes.guest);
    const sid = /"sid":"([^"]+)"/.exec(handshake.text)?.[1] ?? '';
    const path = `${webSocketPath(id)}&sid=${sid}`;
    const peer = await WebSocketPeer.open(nodes.scene('c').port, path, nodes.guest);
    peer.send('2probe');
    await peer.until(/^3probe/);
    peer.send('5');
    peer.send('40');
    await peer.until(/^40/);
    peer.close();
  });

  it('is refused as its owner refuses it', async () => {
    const id = await nodes.document('b', 'one\n');
    const origin = { ...nodes.guest, origin: 'https://evil.example' };
    expect((await nodes.scene('a').ask(pollingPath(id), origin)).status).toBe(403);
    const bad = await nodes.scene('a').ask(pollingPath(id).replace('EIO=4', 'EIO=3'), nodes.guest);
    const own = await nodes.scene('b').ask(pollingPath(id).replace('EIO=4', 'EIO=3'), nodes.guest);
    expect([bad.status, bad.text]).toEqual([own.status, own.text]);
    expect(own.status).toBe(400);
  });

  it('ends when its client leaves: the owner has no session left', async () => {
    const id = await nodes.document('b', 'one\n');
    const before = await nodes.scene('b').metric('concord_sessions');
    const peer = await joinedBy('a', id);
    expect(await nodes.scene('b').metric('concord_sessions')).toBe(before + 1);
    peer.close();
    await vi.waitFor(
      async () => expect(await nodes.scene('b').metric('concord_sessions')).toBe(before),
      { timeout: 60_000 },
    );
  });
});

describe('when a node leaves that only passes a connection on', () => {
  beforeAll(async () => {
    nodes = await Nodes.open(['a', 'b', 'c']);
  });
  afterAll(() => nodes.close());

  it('the connection ends before the node does, and can be made again by another one', async () => {
    const id = await nodes.document('b', 'one\n');
    const [leaving, staying] = [await joinedBy('a', id), await joinedBy('c', id)];
    nodes.drain('a');
    await leaving.closed();
    staying.send(submitting(1, 1, ['far ']));
    await staying.until(/^42\["operations".*far /);
    const again = await joinedBy('c', id);
    for (const peer of [staying, again]) peer.close();
  });
});

describe('when the node of a document dies', () => {
  beforeAll(async () => {
    nodes = await Nodes.open(['a', 'b']);
  });
  afterAll(() => nodes.close());

  it('its connections by other nodes end at once, and are made again by whichever node takes it', async () => {
    const id = await nodes.document('b', 'one\n');
    const other = await nodes.document('b', 'other\n');
    const peer = await joinedBy('a', id);
    const polling = await nodes.scene('a').peer(id, nodes.guest);
    peer.send(submitting(1, 1, ['far ']));
    await peer.until(/^42\["operations".*far /);
    await nodes.cutOff('b');
    await peer.closed();
    const failed = await polling.send('40');
    expect([failed.status, failed.headers['retry-after']]).toEqual([503, '1']);
    await expect(WebSocketPeer.open(nodes.scene('a').port, webSocketPath(id))).rejects.toThrow();
    const put = { method: 'PUT', body: 'two\n' };
    const headers = { ...nodes.guest, 'content-type': 'text/plain', 'if-match': '*' };
    const unsent = await nodes.scene('a').ask(`/api/v1/documents/${id}/text`, headers, put);
    expect([unsent.status, unsent.text]).toEqual([503, expect.stringContaining('Nothing was changed')]); // prettier-ignore
    // A read, and the first request of a connection, wait until it is clear who has the document.
    const failures = (): Promise<number> =>
      nodes.scene('a').metric('concord_forwarded_total{kind="request",result="failed"}');
    const before = await failures();
    const reading = nodes.scene('a').ask(`/api/v1/documents/${id}/text`, nodes.guest);
    const connecting = nodes.scene('a').ask(pollingPath(id), nodes.guest);
    await vi.waitFor(async () => expect(await failures()).toBeGreaterThan(before + 1), { timeout: 60_000 }); // prettier-ignore
    nodes.gone('b');
    // The session is unknown everywhere, and Engine.IO says so.
    const unknown = await polling.send('40');
    expect([unknown.status, JSON.parse(unknown.text)]).toEqual([400, { code: 1, message: 'Session ID unknown' }]); // prettier-ignore
    expect([(await reading).status, (await reading).text]).toEqual([200, 'far one\n']);
    expect((await connecting).text).toContain(`"sid":"${tagOfNode('a')}.`);
    const again = await joinedBy('a', id);
    again.close();
    expect(await textAt('a', id)).toBe('far one\n');
    expect(await textAt('a', other)).toBe('other\n');
  });
});
