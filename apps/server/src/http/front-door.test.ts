import { PAGE_HEADER, randomClientId, randomId } from '@concord/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayScene } from '../realtime/test-gateway.ts';

const documentId = 'a'.repeat(26);
const transport = `/socket.io/?EIO=4&transport=polling&doc=${documentId}`;
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

describe('the transport', () => {
  let scene: GatewayScene;
  let own: string;
  beforeAll(async () => {
    scene = await GatewayScene.open();
    own = `http://127.0.0.1:${scene.port}`;
  });
  afterAll(() => scene.close());

  it('is open to pages of this server, and to programs', async () => {
    expect((await scene.ask(transport)).status).toBe(200);
    expect((await scene.ask(transport, { origin: own })).status).toBe(200);
    const host = `LOCALHOST:${scene.port}`;
    const origin = `http://localhost:${scene.port}`;
    expect((await scene.ask(transport, { origin, host })).status).toBe(200);
    const named = { origin: 'https://docs.example.org', host: 'docs.example.org:443' };
    expect((await scene.ask(transport, named)).status).toBe(200);
    expect(
      (await scene.ask(transport.replace('polling', 'websocket'), { ...upgrade })).status,
    ).toBe(101);
  });

  it('refuses pages of other origins at each request of a connection, not only the first', async () => {
    const sid = /"sid":"([^"]+)"/.exec((await scene.ask(transport)).text)?.[1] ?? '';
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      for (const [path, options, more] of [
        [transport, {}, {}],
        [`${transport}&sid=${sid}`, {}, {}],
        [`${transport}&sid=${sid}`, { method: 'POST', body: '40' }, {}],
        [transport.replace('polling', 'websocket'), {}, upgrade],
        [`${transport.replace('polling', 'websocket')}&sid=${sid}`, {}, upgrade],
      ] as const) {
        const answer = await scene.ask(path, { ...more, ...headers }, options);
        expect([headers, path, answer.status]).toEqual([headers, path, 403]);
      }
    }
  });

  it('is not to be had by script elements and forms (JSONP)', async () => {
    for (const j of ['&j=0', '&j=', '&j', '&%6A=1']) {
      const answer = await scene.ask(transport + j);
      expect([j, answer.status]).toEqual([j, 403]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('answers other methods with the allowed ones', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      const answer = await scene.ask(transport, {}, { method });
      expect([method, answer.status, answer.headers['allow']]).toEqual([method, 405, 'GET, POST']);
    }
  });

  it('logs a refused origin once, and counts each time', async () => {
    const origin = 'https://team.example.org';
    const before = await scene.metric('concord_requests_refused_total{reason="origin"}');
    for (let time = 0; time < 3; time++) await scene.ask(transport, { origin });
    const create = { method: 'POST', body: '{}' };
    await scene.ask('/api/v1/documents', { origin, 'content-type': 'application/json' }, create);
    const lines = scene.logged.filter((line) => line['origin'] === origin);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.['msg']).toContain('CONCORD_ORIGINS');
    const after = await scene.metric('concord_requests_refused_total{reason="origin"}');
    expect(after - before).toBe(4);
  });
});

describe('a cookie alone', () => {
  let scene: GatewayScene;
  let id: string;
  const guest = randomId();
  const cookie = `concord_guest=${guest}`;
  beforeAll(async () => {
    scene = await GatewayScene.open();
    const headers = { guestToken: guest, 'content-type': 'application/json' };
    const body = '{"text":"the secret text"}';
    const answer = await scene.ask('/api/v1/documents', headers, { method: 'POST', body });
    id = (JSON.parse(answer.text) as { id: string }).id;
  });
  afterAll(() => scene.close());

  const join = (): string => {
    const clientId = randomClientId();
    const body = { docId: id, clientId, epoch: 1, version: 0, nextSeq: 1, protocol: 2 };
    return `42${JSON.stringify(['join', body])}`;
  };
  /** What the server says to a peer that joins with these headers. */
  async function answerTo(headers: Readonly<Record<string, string>>, auth = ''): Promise<string> {
    const peer = await scene.peer(id, headers);
    await peer.send(`40${auth}`);
    await peer.until(/^40/);
    await peer.send(join());
    return peer.until(/^42\["(?:joined|refused)"/);
  }

  it('is no proof without an origin', async () => {
    expect(await answerTo({ cookie })).toContain('"forbidden"');
    expect(await answerTo({ cookie, 'sec-fetch-site': 'none' })).toContain('"forbidden"');
  });

  it('is one from the pages of this server', async () => {
    expect(await answerTo({ cookie, origin: `http://127.0.0.1:${scene.port}` })).toContain(
      '"joined"',
    );
    expect(await answerTo({ cookie, 'sec-fetch-site': 'same-origin' })).toContain('"joined"');
    expect(await answerTo({ cookie, [PAGE_HEADER]: '1' })).toContain('"joined"');
  });

  it('is not needed by a program that says who it is', async () => {
    expect(await answerTo({}, JSON.stringify({ guestToken: guest }))).toContain('"joined"');
    expect(await answerTo({ guesttoken: guest })).toContain('"joined"');
  });
});

describe('with a public URL', () => {
  let scene: GatewayScene;
  beforeAll(async () => {
    scene = await GatewayScene.open({
      CONCORD_PUBLIC_URL: 'https://docs.example.org',
      CONCORD_ORIGINS: 'https://inside.example.org',
    });
  });
  afterAll(() => scene.close());

  it('its host, listed ones and this machine are answered, whatever port or case they are written in', async () => {
    for (const host of [
      ...['docs.example.org', 'Docs.Example.Org:443', 'inside.example.org'],
      ...[`localhost:${scene.port}`, `127.0.0.1:${scene.port}`, '[::1]'],
    ]) {
      expect([host, (await scene.ask('/api/v1/me', { host })).status]).toEqual([host, 200]);
      expect([host, (await scene.ask(transport, { host })).status]).toEqual([host, 200]);
    }
  });

  it('a name that was pointed here is refused everywhere, and logged once with the setting', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example' };
    for (const path of ['/', '/api/v1/me', '/api/docs/', transport, '/nothing']) {
      expect([path, (await scene.ask(path, headers)).status]).toEqual([path, 421]);
    }
    expect((await scene.ask(transport, { ...headers, ...upgrade })).status).toBe(421);
    const lines = scene.logged.filter((line) => line['host'] === 'evil.example');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.['msg']).toContain('CONCORD_PUBLIC_URL');
  });

  it('monitors are answered by any name', async () => {
    for (const path of ['/livez', '/readyz', '/metrics']) {
      expect((await scene.ask(path, { host: '10.0.0.7:8080' })).status).toBe(200);
    }
  });
});
