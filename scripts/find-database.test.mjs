import { describe, expect, it } from 'vitest';
import { chooseDatabase } from './mongodb/find-database.mjs';

/** A machine on which some servers can be had. @param tried what was asked for, in turn */
function machine(available, tried = []) {
  const probe = (name, found, missing) => () => {
    tried.push(name);
    return available.includes(name) ? found : missing;
  };
  return {
    hasMongod: probe('mongod', true, false),
    installSecantusDb: probe('secantusdb', null, 'there is no python3'),
    downloadMongod: probe('download', null, 'nothing can be downloaded'),
  };
}

describe('the database for tests', () => {
  it.each([
    [['mongod', 'secantusdb', 'download'], 'mongod', ['mongod']],
    [['secantusdb', 'download'], 'secantusdb', ['mongod', 'secantusdb']],
    [['download'], 'downloaded', ['mongod', 'secantusdb', 'download']],
  ])('is, of %j, %s, and no other is looked for', (available, kind, asked) => {
    const tried = [];
    const found = chooseDatabase('', machine(available, tried));
    expect(found).toMatchObject({ kind, name: expect.any(String) });
    expect(found.reason).toBeUndefined();
    expect(tried).toEqual(asked);
  });

  it('is the one that is given, and no other is looked for', () => {
    const tried = [];
    const found = chooseDatabase('mongodb://127.0.0.1:1', machine(['mongod'], tried));
    expect(found).toMatchObject({ kind: 'given', url: 'mongodb://127.0.0.1:1' });
    expect(tried).toEqual([]);
  });

  it('is none where none can be had, and the reason names each that was tried', () => {
    const { kind, reason } = chooseDatabase('', machine([]));
    expect(kind).toBeUndefined();
    expect(reason).toMatch(/mongod is on PATH.*no python3.*nothing can be downloaded/);
  });
});
