/**
 * Secrets from files: `CONCORD_STORE_FILE` names a file that has the value of `CONCORD_STORE`. An environment is shown by
 * `docker inspect`, `systemctl show` and /proc; a file is what Docker, Kubernetes and systemd give a service for a secret.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config.ts';

/** The settings that have a secret in them. */
export const secretSettings = [
  'CONCORD_STORE',
  'CONCORD_MIGRATE_TO',
  'CONCORD_METRICS_TOKEN',
  'CONCORD_OIDC_CLIENT_SECRET',
] as const;

/** The environment with these settings read from their files, without the line break at the end. Throws ConfigError. */
export function withSecretFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read: NodeJS.ProcessEnv = {};
  for (const name of secretSettings) {
    const fileSetting = `${name}_FILE`;
    const path = environment[fileSetting] ?? '';
    if (path === '') continue;
    if ((environment[name] ?? '') !== '') {
      throw new ConfigError(`${name} and ${fileSetting} are both set: remove one of them.`);
    }
    read[name] = contentOf(path, fileSetting);
  }
  return { ...environment, ...read };
}

function contentOf(path: string, setting: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(`The file of ${setting} cannot be read (${code}): ${path}.`);
  }
  // An empty setting counts as absent: without its database the server would begin a new one in files.
  if (content === '') throw new ConfigError(`The file of ${setting} is empty: ${path}.`);
  return content;
}
