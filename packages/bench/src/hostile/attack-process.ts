/** The hostile guests, in their own process, so that they do not block the typists' event loop. */
import { setPriority } from 'node:os';
import { attack, type Tally } from './attacks.ts';

/** What is attacked, from how many addresses, for how long. */
export interface AttackJob {
  readonly url: string;
  readonly addresses: number;
  readonly ms: number;
  /** Names of attacks; empty for all. */
  readonly only: readonly string[];
}

// Low priority, since attackers would have their own machines: measured is the server, not the scheduler.
setPriority(10);

process.on('message', ({ url, addresses, ms, only }: AttackJob) => {
  const tally: Tally = {};
  const all = Array.from({ length: addresses }, (_, index) =>
    attack(url, `10.2.0.${index + 1}`, ms, tally, only),
  );
  Promise.all(all).then(
    () => process.send?.({ answer: tally }),
    (error: unknown) => process.send?.({ answer: { [String(error)]: { tried: 0, granted: 0 } } }),
  );
});
// The parent process is gone.
process.on('disconnect', () => process.exit(0));
