/** Chooses the MongoDB server for tests: the first that can be had. */
import { downloadMongod } from './download-mongod.mjs';
import { installSecantusDb, succeeds } from './install-secantusdb.mjs';

const ofThisMachine = {
  hasMongod: () => succeeds('mongod', ['--version']),
  installSecantusDb,
  downloadMongod,
};

/**
 * One that can be started here.
 * @param probes what is tried in turn; the last two install what is missing, and return why they cannot, or null
 * @returns the kind of server (database.mjs starts it) and its name in words, or why there is none
 */
export function findDatabase(probes = ofThisMachine) {
  if (probes.hasMongod()) return { kind: 'mongod', name: 'mongod on PATH' };
  const noSecantusDb = probes.installSecantusDb();
  if (noSecantusDb === null) {
    return { kind: 'secantusdb', name: 'SecantusDB, a beta that speaks its protocol' };
  }
  const noDownload = probes.downloadMongod();
  if (noDownload === null) {
    return { kind: 'downloaded', name: 'the mongod that mongodb-memory-server downloads' };
  }
  return { reason: `no mongod is on PATH, ${noSecantusDb}, and ${noDownload}` };
}

/**
 * One that is given, or else one that can be started.
 * @param given URL of a server; empty for none
 */
export function chooseDatabase(given, probes = ofThisMachine) {
  if (given === '') return findDatabase(probes);
  return { kind: 'given', url: given, name: 'the server of CONCORD_TEST_MONGODB_URL' };
}
