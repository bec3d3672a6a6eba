/** The built server on a disk that fills up: a tmpfs of 96 MB, where the tests may mount one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { connectDocument } from '@concord/client/node';
import { followView, type DocumentStatus } from '@concord/client';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
const MB = 1024 * 1024;
const mountPoint = temporaryDirectory();
const isMounted =
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', mountPoint.path]).status === 0;
if (!isMounted) console.warn('full-disk.test.ts is skipped: mounting a file system needs root.');
afterAll(() => {
  if (isMounted) execFileSync('umount', [mountPoint.path]);
  mountPoint.remove();
});

const data = join(mountPoint.path, 'data');
const filler = join(mountPoint.path, 'filler');

/** Fills the disk with another file, up to `bytes` of free space. */
function leaveFree(bytes: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(mountPoint.path);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

const readiness = async (server: TestServer): Promise<string> =>
  (await fetch(`${server.url}/readyz`)).text();
const becomes = (server: TestServer, words: RegExp): Promise<void> =>
  vi.waitFor(async () => expect(await readiness(server)).toMatch(words), PATIENCE);

describe.runIf(isMounted)('a server on a disk that fills up', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start({ dataDirectory: data });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(data, { recursive: true });
    rmSync(filler, { force: true });
  });

  it('pauses saving before the disk is full, keeps reading, and resumes when there is space', async () => {
    const { id } = await server.createDocument({ text: 'first\n' });
    const writer = connectDocument({ url: server.url, documentId: id });
    const statuses = new Set<DocumentStatus['kind']>();
    followView(
      writer,
      ({ status }) => status.kind,
      (kind) => statuses.add(kind),
    );
    await writer.whenOpen();
    writer.insert(0, 'acknowledged\n');
    await writer.whenSynchronized();

    leaveFree(20 * MB);
    await becomes(server, /^ok, but saving is paused/);
    writer.insert(0, 'kept on the device\n');
    await vi.waitFor(() => expect(writer.view.status.kind).toBe('savingPaused'), PATIENCE);
    const refused = await fetch(`${server.url}/api/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(refused.status).toBe(507);
    expect(await refused.json()).toMatchObject({ code: 'savingPaused' });
    expect(await server.readText(id)).toBe('acknowledged\nfirst\n');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('concord_saving_paused 1');

    rmSync(filler);
    await writer.whenSynchronized();
    expect(await server.readText(id)).toBe('kept on the device\nacknowledged\nfirst\n');
    expect(statuses).not.toContain('stopped');
    await writer.close();
  });

  it('starts after a kill with 1 MB left: documents are readable, saving is paused', async () => {
    const { id } = await server.createDocument({ text: 'kept\n' });
    await server.kill();
    leaveFree(1 * MB);
    server = await TestServer.start({ dataDirectory: data });
    await becomes(server, /^ok, but saving is paused/);
    expect(await server.readText(id)).toBe('kept\n');
    rmSync(filler);
    await becomes(server, /^ok\n$/);
    expect((await server.createDocument()).id).not.toBe(id);
  });

  it('starts after an orderly stop with 1 MB left: documents are readable, saving is paused', async () => {
    const { id } = await server.createDocument({ text: 'kept\n' });
    await server.stop();
    leaveFree(1 * MB);
    server = await TestServer.start({ dataDirectory: data });
    await becomes(server, /^ok, but saving is paused/);
    expect(await server.readText(id)).toBe('kept\n');
  });

  it('fails to start without a free byte, naming the cause, and starts once there is space', async () => {
    const { id } = await server.createDocument({ text: 'kept\n' });
    await server.stop();
    leaveFree(0);
    const failed = TestServer.start({ dataDirectory: data });
    await expect(failed).rejects.toThrow(/cannot be used: its disk is full; free some space/);
    rmSync(filler);
    server = await TestServer.start({ dataDirectory: data });
    expect(await server.readText(id)).toBe('kept\n');
  });

  it('fails its first start without a free byte, naming the cause, and leaves no partial data', async () => {
    await server.stop();
    rmSync(data, { recursive: true });
    leaveFree(0);
    const failed = TestServer.start({ dataDirectory: data });
    await expect(failed).rejects.toThrow(/cannot be used: its disk is full; free some space/);
    rmSync(filler);
    server = await TestServer.start({ dataDirectory: data });
    expect(existsSync(data)).toBe(true);
    expect(await readiness(server)).toBe('ok\n');
  });
});
