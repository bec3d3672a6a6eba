import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';
import { secretSettings, withSecretFiles } from './secret-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'concord-secrets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileWith(content: string): string {
  const path = join(directory, `${content.length}`);
  writeFileSync(path, content);
  return path;
}

it('each secret setting is read from the file that its _FILE setting names', () => {
  for (const name of secretSettings) {
    const read = withSecretFiles({ [`${name}_FILE`]: fileWith('secret of the file\n') });
    expect(read[name]).toBe('secret of the file');
  }
});

it('a database address of a file is the database of the configuration', () => {
  const path = fileWith('mongodb://concord:p%40ss@db/concord\n');
  const config = readConfig(withSecretFiles({ CONCORD_STORE_FILE: path }));
  expect(config.databaseUrl).toBe('mongodb://concord:p%40ss@db/concord');
});

it('settings without a file, and with an empty _FILE setting, stay as they are', () => {
  const environment = { CONCORD_STORE: 'mongodb://db/concord', CONCORD_STORE_FILE: '', PORT: '1' };
  expect(withSecretFiles(environment)).toEqual(environment);
});

it('a secret given both ways is refused, without repeating it', () => {
  const both = { CONCORD_STORE: 'mongodb://u:hidden@db', CONCORD_STORE_FILE: fileWith('other') };
  expect(() => withSecretFiles(both)).toThrow(ConfigError);
  expect(() => withSecretFiles(both)).toThrow(/^CONCORD_STORE and CONCORD_STORE_FILE are both set/);
  expect(() => withSecretFiles(both)).not.toThrow(/hidden/);
});

it('a file that is missing or empty is refused in one sentence with its path', () => {
  const missing = join(directory, 'missing');
  expect(() => withSecretFiles({ CONCORD_STORE_FILE: missing })).toThrow(
    `The file of CONCORD_STORE_FILE cannot be read (ENOENT): ${missing}.`,
  );
  const empty = fileWith('\n');
  expect(() => withSecretFiles({ CONCORD_METRICS_TOKEN_FILE: empty })).toThrow(
    `The file of CONCORD_METRICS_TOKEN_FILE is empty: ${empty}.`,
  );
});
