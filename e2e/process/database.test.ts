/** What the server says when its database cannot be opened. */
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram, temporaryDirectory } from '../support/server.ts';

const PASSWORD = 's3cret-of-ann';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => directory.remove());

/** On which no server listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe('with a database that cannot be opened', () => {
  it.each([[[]], [['nodes']], [['drain', 'a']], [['rotate-keys']]])(
    'concord %j says one sentence with the host, and nothing of the password, with the fullest log',
    async (args) => {
      const host = `127.0.0.1:${await closedPort()}`;
      const { code, stdout, stderr } = await runProgram(args, {
        CONCORD_DATA: directory.path,
        CONCORD_STORE: `mongodb://ann:${PASSWORD}@${host}/concord`,
        CONCORD_LOG_LEVEL: 'trace',
        PORT: '0',
      });
      expect(code).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain(`No database server answers at ${host}`);
      expect(stdout + stderr).not.toContain(PASSWORD);
    },
  );

  it('an address that is not valid is not repeated', async () => {
    const { code, stdout, stderr } = await runProgram([], {
      CONCORD_DATA: directory.path,
      CONCORD_STORE: `mongodb://ann:${PASSWORD}@host:not-a-port/concord`,
      CONCORD_LOG_LEVEL: 'trace',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The address of the database is not valid/);
    expect(stdout + stderr).not.toContain(PASSWORD);
  });
});
