/** The hostile guests: a process of their own, so that the typists do not wait for them in their own event loop. */
import { setPriority } from 'node:os';
import { attack, type Tally } from './attacks.ts';

/** What is attacked, from how many addresses, for how long. */
export interface AttackJob {
  readonly url: string;
  readonly addresses: number;
  readonly ms: number;
  /** What they do; everything when it is empty. */
  readonly only: readonly string[];
}

// They would be on machines of their own: what is measured is the server, not who gets the processor.
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
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0));
