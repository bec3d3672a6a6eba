/** `concord migrate` to MongoDB and back, as a person runs it. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateWithKill, movesWithPendingEdits } from '../support/migration.ts';
import { mongoDatabase, mongoServer, type MongoDatabase } from '../support/mongodb.ts';
import { runProgram, temporaryDirectory, verify } from '../support/server.ts';

describe.skipIf(mongoServer === null)('with MongoDB', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let database: MongoDatabase;
  beforeEach(() => {
    directory = temporaryDirectory();
    database = mongoDatabase();
  });
  afterEach(async () => {
    directory.remove();
    await database.drop();
  });

  it('a migration that is killed completes when it is run again, there and back, and a client goes on with what it had not sent', async () => {
    const data = join(directory.path, 'data');
    const moved = { CONCORD_DATA: join(directory.path, 'control'), CONCORD_STORE: database.url };
    await movesWithPendingEdits(data, database.url, moved, 16);
    const found = await runProgram(['verify'], moved);
    expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/13 documents verified, 0 faulty/) as unknown }); // prettier-ignore
    const back = join(directory.path, 'back');
    await migrateWithKill(moved, `sqlite:${back}`, 17);
    expect(await verify(back)).toMatchObject({ code: 0 });
  });
});
