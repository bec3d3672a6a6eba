/** `npm run dev`: one address for the pages of Vite and for the server behind it, with the origin checks of production. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_HEADER } from '@concord/protocol';
import { cleanEnvironment, temporaryDirectory } from '../support/server.ts';

const program = fileURLToPath(new URL('../../scripts/dev.mjs', import.meta.url));
const directory = temporaryDirectory();
let child: ChildProcess;
let ended: Promise<number | null>;
let url = '';

beforeAll(async () => {
  child = spawn(process.execPath, [program, '--no-install'], {
    env: cleanEnvironment({ CONCORD_DATA: directory.path, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ended = new Promise((resolve) => child.on('close', resolve));
  url = await new Promise<string>((resolve, reject) => {
    let output = '';
    const heard = (data: unknown): void => {
      output += String(data);
      const found = /ready for development: (\S+)\/$/m.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on('data', heard);
    child.stderr?.on('data', heard);
    void ended.then((code) => reject(new Error(`It ended with ${code}: ${output}`)));
  });
});

afterAll(async () => {
  child.kill('SIGKILL');
  await ended;
  directory.remove();
});

/** The guest cookies that GET /me sets. */
async function guestCookies(): Promise<string> {
  const me = await fetch(`${url}/api/v1/me`);
  return me.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Creates a document as a browser does from a page of `origin`. */
const create = (origin: string, cookie: string): Promise<Response> =>
  fetch(`${url}/api/v1/documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, cookie },
    body: JSON.stringify({ anyone: 'editor', text: 'written in development' }),
  });

const handshake = (origin: string, id: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = io(url, {
      query: { doc: id },
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { origin, [PAGE_HEADER]: '1' },
    });
    const answer = (text: string) => (): void => {
      socket.disconnect();
      resolve(text);
    };
    socket.on('connect', answer('connected'));
    socket.on('connect_error', answer('refused'));
  });

describe('the development server', () => {
  it('serves the web app from its sources', async () => {
    const page = await fetch(`${url}/new`, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('/src/main.tsx');
  });

  it('proxies writes and WebSockets of its own origin, and refuses those of others', async () => {
    const cookie = await guestCookies();
    const created = await create(url, cookie);
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    expect(await (await fetch(`${url}/d/${id}.md`)).text()).toBe('written in development');
    expect(await handshake(url, id)).toBe('connected');

    expect((await create('http://evil.example', cookie)).status).toBe(403);
    expect(await handshake('http://evil.example', id)).toBe('refused');
  });

  it('exits on SIGTERM together with the server that it started', async () => {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });
});
