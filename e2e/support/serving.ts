/** Starts the server of browser tests before them; afterwards stops it and removes its data. */
import { test } from '@playwright/test';
import { temporaryDirectory, TestServer } from './server.ts';

/** Default rate limits, instead of those of test programs. */
export const limitsOfPeople = { CONCORD_OPERATIONS_PER_SECOND: '', CONCORD_OPERATIONS_BURST: '' };

/**
 * Serves all tests of the calling file from one server, or each from its own.
 * @param started called with each started server
 * @returns restarts the stopped server on the same port with the same data
 */
export function serve(
  per: 'file' | 'test',
  started: (server: TestServer) => void,
  environment: NodeJS.ProcessEnv = {},
): () => Promise<void> {
  let directory: ReturnType<typeof temporaryDirectory>;
  let server: TestServer;
  const start = async (port = 0): Promise<void> => {
    server = await TestServer.start({ dataDirectory: directory.path, port, environment });
    started(server);
  };
  const begin = async (): Promise<void> => {
    directory = temporaryDirectory();
    await start();
  };
  const end = async (): Promise<void> => {
    await server.stop();
    directory.remove();
  };
  if (per === 'file') {
    test.beforeAll(begin);
    test.afterAll(end);
  } else {
    test.beforeEach(begin);
    test.afterEach(end);
  }
  return () => start(server.port);
}
