/** Finds nginx, which stands in front of the nodes of a cluster in tests. */
import { spawnSync } from 'node:child_process';

/** The directory that it is installed to is often on the path of root alone. */
const candidates = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'];

/** @returns the program, or undefined */
export function findNginx() {
  return candidates.find(
    (program) => spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined,
  );
}
