/**
 * Extracts the texts of the code into the catalogue of English (`src/i18n/locales/en.json`), and verifies the other languages
 * against it: every text is there, none is left over, and the arguments are the same.
 *
 *   node apps/web/scripts/texts.mjs [--check]
 *
 * With `--check` nothing is written; it fails when the catalogue of English is not that of the code.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const app = fileURLToPath(new URL('..', import.meta.url));
const cli = dirname(createRequire(import.meta.url).resolve('@formatjs/cli/package.json'));
const catalogue = join(app, 'src/i18n/locales/en.json');

function formatjs(...args) {
  const { status, error } = spawnSync(process.execPath, [join(cli, 'bin/formatjs'), ...args], {
    cwd: app,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  return status === 0;
}

const extract = (file) =>
  formatjs(
    ...['extract', 'src/**/*.{ts,tsx}', '--ignore', 'src/**/*.test.*'],
    ...['--additional-function-names', 't', '--format', 'simple', '--throws'],
    ...['--out-file', file],
  );

function isOfTheCode() {
  const directory = mkdtempSync(join(tmpdir(), 'concord-texts-'));
  try {
    const extracted = join(directory, 'en.json');
    if (!extract(extracted)) return false;
    if (readFileSync(extracted, 'utf8') === readFileSync(catalogue, 'utf8')) return true;
    process.stderr.write(
      'src/i18n/locales/en.json is not what the code says: run `npm run texts`, and translate.\n',
    );
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const isEnglishFine = values.check ? isOfTheCode() : extract(catalogue);
const areOthersFine = formatjs(
  ...['verify', 'src/i18n/locales/*.json', '--source-locale', 'en'],
  ...['--missing-keys', '--extra-keys', '--structural-equality'],
);
process.exit(isEnglishFine && areOthersFine ? 0 : 1);
