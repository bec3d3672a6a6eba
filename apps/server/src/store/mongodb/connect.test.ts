/** What an administrator is told of servers that cannot be had in tests: over the wire protocol, by a fake one. */
import type { Document } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import { DatabaseOpenError } from './database-open-error.ts';
import { openMongoStore } from './mongo-store.ts';
import { fakeServer, type FakeServer } from './test-fake-server.ts';

const PASSWORD = 's3cret-of-ann';
/** MongoDB 7.0. */
const NEW = 21;
const primary = (address: string): Document => ({
  ...{ isWritablePrimary: true, maxWireVersion: NEW, setName: 'rs', setVersion: 1 },
  ...{ hosts: [address], me: address, primary: address, logicalSessionTimeoutMinutes: 30 },
});

let server: FakeServer;
const url = (): string => `mongodb://ann:${PASSWORD}@${server.address}/concord`;
const withoutUser = (): string => `mongodb://${server.address}/concord`;
const none = (): void => {};
afterEach(() => server.close());

/** The error of opening, after it was searched for the password. */
async function refusalOf(opening: Promise<unknown>): Promise<DatabaseOpenError> {
  const error = await opening.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DatabaseOpenError)) throw new Error(`Not refused: ${String(error)}`);
  expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(PASSWORD);
  expect(error.message).toContain(server.address);
  return error;
}

describe('opening a database', () => {
  it.each([
    ['that the driver still speaks to', 9],
    ['that the driver does not speak to', 6],
  ])('refuses a server that is too old, %s', async (_what, maxWireVersion) => {
    server = await fakeServer((address) => ({ ...primary(address), maxWireVersion }));
    const { code, message } = await refusalOf(connect(withoutUser(), none));
    expect(code).toBe('databaseTooOld');
    expect(message).toMatch(/MongoDB 5\.0 or newer is needed/);
  });

  it('refuses a replica set without a primary', async () => {
    server = await fakeServer((address) => ({
      ...{ ...primary(address), isWritablePrimary: false, secondary: true },
      primary: undefined,
    }));
    const { code, message } = await refusalOf(connect(withoutUser(), none));
    expect(code).toBe('databaseReadOnly');
    expect(message).toMatch(/no primary, or is read-only.*Nothing was changed/);
  });

  it('refuses a server that is read-only', async () => {
    server = await fakeServer((address) => ({ ...primary(address), readOnly: true }));
    expect((await refusalOf(connect(withoutUser(), none))).code).toBe('databaseReadOnly');
  });

  it('refuses a password that the server refuses, and never says it', async () => {
    server = await fakeServer(primary, (command) =>
      'saslStart' in command
        ? { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
        : null,
    );
    expect((await refusalOf(connect(url(), none))).code).toBe('databaseCredentials');
  });

  it('refuses a user who may not read there', async () => {
    server = await fakeServer(primary, (command) =>
      'find' in command
        ? { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on concord' }
        : null,
    );
    const { code, message } = await refusalOf(openMongoStore(withoutUser()));
    expect(code).toBe('databaseCredentials');
    expect(message).toMatch(/may not read and write there/);
  });

  it('warns of a standalone server, and says what it cannot survive', async () => {
    server = await fakeServer(() => ({ isWritablePrimary: true, maxWireVersion: NEW }));
    const warnings: string[] = [];
    const connected = await connect(withoutUser(), (message) => void warnings.push(message));
    expect(connected.hasTransactions).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /standalone.*no transactions.*loses everything.*must not share it/s,
    );
    await connected.client.close();
  });

  it.each([
    ['', 'concord'],
    ['?appName=concord-eu', 'concord-eu'],
  ])('with the options %j names its connections %j', async (options, name) => {
    server = await fakeServer(primary);
    const { client } = await connect(withoutUser() + options, none);
    expect(client.options.appName).toBe(name);
    await client.close();
  });

  it('does not warn of a replica set', async () => {
    server = await fakeServer(primary);
    const warnings: string[] = [];
    const connected = await connect(withoutUser(), (message) => void warnings.push(message));
    expect(connected.hasTransactions).toBe(true);
    expect(warnings).toEqual([]);
    await connected.client.close();
  });
});
