/**
 * Incidents: detected damage or loss, each in a directory of its own under `incidents/` with a report and copies of the
 * affected files. Reported at each start and by `concord verify` until an administrator deletes the directory.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { StoreIncident } from '../../ports/store.ts';

export const INCIDENTS_DIRECTORY = 'incidents';
const REPORT_FILE = 'report.json';

const kinds = ['lostCommits', 'damagedPages', 'companion'] as const;
interface Report {
  readonly kind: (typeof kinds)[number];
  readonly at: string;
  readonly message: string;
}

export function readIncidents(dataDirectory: string): readonly StoreIncident[] {
  const directory = join(dataDirectory, INCIDENTS_DIRECTORY);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => ({
      name: `${INCIDENTS_DIRECTORY}/${name}`,
      ...reportIn(join(directory, name, REPORT_FILE)),
    }));
}

function reportIn(path: string): Report {
  const unreadable = 'Its report cannot be read; look into the directory.';
  const none: Report = { kind: 'damagedPages', at: '', message: unreadable };
  try {
    const written = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
    const { at, message } = written;
    const kind = kinds.find((each) => each === written['kind']);
    if (kind === undefined || typeof at !== 'string' || typeof message !== 'string') return none;
    return { kind, at, message };
  } catch {
    return none;
  }
}

/**
 * Writes an incident.
 * @param evidence files to copy; never the database, because closing a descriptor of it drops its locks
 */
export function writeIncident(
  dataDirectory: string,
  report: { readonly kind: Report['kind']; readonly message: string },
  details: unknown,
  evidence: readonly string[],
): StoreIncident {
  const at = new Date().toISOString();
  const base = `${at.replaceAll(/[:.]/g, '-')}-${report.kind}`;
  const parent = join(dataDirectory, INCIDENTS_DIRECTORY);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  let name = base;
  for (let more = 2; existsSync(join(parent, name)); more += 1) name = `${base}-${more}`;
  const directory = join(parent, name);
  mkdirSync(directory, { mode: 0o700 });
  for (const file of evidence) {
    if (existsSync(file)) copyFileSync(file, join(directory, file.slice(dataDirectory.length + 1)));
  }
  const written = { ...report, at };
  writeFileSync(join(directory, REPORT_FILE), `${JSON.stringify({ ...written, details }, null, 2)}\n`, { mode: 0o600 }); // prettier-ignore
  return { name: `${INCIDENTS_DIRECTORY}/${name}`, ...written };
}
