import { randomId } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayScene } from './test-gateway.ts';

let scene: GatewayScene;
beforeAll(async () => {
  scene = await GatewayScene.open();
});
afterAll(() => scene.close());

const documentId = 'a'.repeat(26);
const auth = JSON.stringify({ guestToken: randomId() });

describe('a packet that is none of this protocol', () => {
  for (const [name, ...packets] of [
    ['a number as the name', `40${auth}`, '42[1]'],
    ['no name at all', `40${auth}`, '42'],
    ['an acknowledgement asked for', `40${auth}`, '42421["leave"]'],
    ['three arguments', `40${auth}`, '42["leave",{},{}]'],
    ['the name of an event of Node', `40${auth}`, '42["error",{"message":"x"}]'],
    ['a function-like name', `40${auth}`, '42["constructor",{}]'],
    ['__proto__', `40${auth}`, '42["__proto__",{"__proto__":{}}]'],
  ] as const) {
    it(`${name}: told so, and nothing else happens`, async () => {
      const peer = await scene.peer(documentId);
      await peer.send(packets[0]);
      await peer.until(/^40/);
      await peer.send(...packets.slice(1));
      expect(await peer.until(/^42\["refused"/)).toContain('malformedMessage');
    });
  }

  it('is answered once: what else comes in the same request waits for nothing in memory', async () => {
    const peer = await scene.peer(documentId);
    await peer.send(`40${auth}`);
    await peer.until(/^40/);
    const before = await scene.metric('concord_sessions_refused_total{code="malformedMessage"}');
    await peer.send(...Array.from({ length: 10_000 }, () => '42[1]'));
    await peer.until(/^42\["refused"/);
    const after = await scene.metric('concord_sessions_refused_total{code="malformedMessage"}');
    expect(after - before).toBe(1);
  });
});

describe('a connection', () => {
  for (const [name, ...packets] of [
    ['a second CONNECT', '40', '40'],
    ['another namespace', '40/other,'],
    ['an event before CONNECT', '42["join",{}]'],
    ['an attachment that was not announced', '40', 'bAAAA'],
    ['an announced attachment', '40', '451-["submit",{"_placeholder":true,"num":0}]', 'bAAAA'],
    ['a million attachments', '40', '4599999999-["submit"]'],
    ['an acknowledgement', '40', '430["x"]'],
    ['an error', '40', '44{"message":"x"}'],
    ['a ping in the wrong direction', '2'],
    ['what is no packet', 'x'],
    ['DISCONNECT', '40', '41'],
  ] as const) {
    it(`ends with ${name}`, async () => {
      const peer = await scene.peer(documentId);
      for (const packet of packets) await peer.send(packet);
      await expect(peer.until(/^never$/)).rejects.toThrow('the connection ended');
    });
  }

  it('makes one session, however many it asks for in one request', async () => {
    const before = await scene.metric('concord_sessions_refused_total{code="forbidden"}');
    const peer = await scene.peer(documentId);
    await peer.send(...Array.from({ length: 1_000 }, () => '40'));
    const other = await scene.peer(documentId);
    await other.send('40');
    await other.until(/"forbidden"/);
    const after = await scene.metric('concord_sessions_refused_total{code="forbidden"}');
    expect(after - before).toBe(1);
  });
});

it('none of it was a fault of the server, and it goes on', async () => {
  const { text } = await scene.ask('/metrics');
  expect(text).not.toMatch(/^concord_faults_total\{/m);
  expect((await scene.ask('/livez')).status).toBe(200);
});
