/** Low scheduling priority for background threads. */
import { setPriority } from 'node:os';

/** Nice value: about a tenth of the processor time of a normal thread under contention. */
const NICENESS = 10;

/** Gives keystrokes precedence on few cores. No effect except on Linux, where threads have priorities of their own. */
export function workWhenOthersRest(): void {
  if (process.platform === 'linux') setPriority(NICENESS);
}
