import { describe, expect, it } from 'vitest';
import { openMongoStore } from './mongo-store.ts';

describe('an address of a database', () => {
  it.each([
    ['of another kind', 'postgres://ann:s3cret@db.example.org/concord'],
    ['without a host', 'mongodb://ann:s3cret@/concord'],
    [
      'with a sign in the password that has to be escaped',
      'mongodb://ann:s3cret@x:y@db.example.org',
    ],
    ['with a wrong option', 'mongodb://ann:s3cret@db.example.org/?tls=perhaps'],
  ])('%s is refused, without its password', async (_what, url) => {
    const refused = openMongoStore(url);
    await expect(refused).rejects.toMatchObject({ code: 'databaseAddress' });
    const error = (await refused.catch((reason: unknown) => reason)) as Error;
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain('s3cret');
  });
});
