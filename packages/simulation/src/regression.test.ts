/**
 * Seeds that once failed, each with its fault. A seed's events change with the cores and the world, so the lasting proof
 * of a fix is the mutant that removes it; the seeds are kept because they are cheap.
 */
import { beforeAll, expect, it } from 'vitest';
import { configurationOf } from './configuration.ts';
import { reportFailure } from './report-failure.ts';
import { loadVariants, type Variants } from './variants.ts';
import { runWorld } from './world.ts';

let variants: Variants;
beforeAll(async () => {
  variants = await loadVariants();
});

it.each([
  [112, 'rebasing split a deletion in flight into more components than allowed: outgrownIsLost'],
  [
    590,
    'the rejection of an oversized operation was repeated for its smaller form: outgrownForgotten',
  ],
  [343, 'a malicious client joined with the client id of another person: anybodysClient'],
  [368, 'an operation of a malicious client acknowledged another person’s: clientIdIsProof'],
  [823, 'a resync restored deleted text in lines that others changed'],
  [
    5_899,
    'an append that was reported as failed landed after the owner had reopened: positionTrusted',
  ],
  [429, 'a device that could not write had an older row, and sent it again: unwrittenIsSent'],
  [15_050, 'concurrent joins of one session got each other’s client position: answersMixedUp'],
  [1_602_980, 'a title frame older than the title of the join was applied'],
  [1_002_803, 'a text of another history equalled the server’s at the head: unprovenNotCompared'],
  [
    1_527_563,
    'a sequence number was reused while its row was being written to the device: numberGivenTwiceOffline',
  ],
  [
    1_086_687,
    'the log entry of one join’s version was compared with another join: answersOfAnotherJoin',
  ],
  [
    1_868_190,
    'an operation of a page that had lost its sent operations was refused: formerLifeIsOwn',
  ],
])('seed %i, which once failed, passes: %s', (seed) => {
  const configuration = configurationOf(seed);
  const result = runWorld(configuration, variants[configuration.cores]);
  if (result.failure !== null) expect.fail(reportFailure(configuration, result, variants));
});
