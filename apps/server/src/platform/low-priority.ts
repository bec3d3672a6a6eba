/** For threads that do what can wait. */
import { setPriority } from 'node:os';

/** Of 0 (usual) to 19: about a tenth of the processor time of a usual thread, where both want all of it. */
const NICENESS = 10;

/** Keystrokes go first on a machine with few cores. On Linux alone a thread has a priority of its own. */
export function workWhenOthersRest(): void {
  if (process.platform === 'linux') setPriority(NICENESS);
}
