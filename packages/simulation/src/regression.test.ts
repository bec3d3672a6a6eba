/**
 * Seeds that once were red, with their stories. A seed's events shift when the cores or the world change, so what
 * proves each fix for good is the mutant that takes it out again; the seeds are kept because they are cheap.
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
  [590, 'the rejection of a form too large was repeated for a smaller one: outgrownForgotten'],
  [343, 'a malicious client joined under an id seen among the people: anybodysClient'],
  [368, 'and an operation of hers acknowledged another person’s: clientIdIsProof'],
  [823, 'a resync brought back what was deleted in lines that others changed'],
  [
    5_899,
    'an append that was reported as failed landed after the owner had reopened: positionTrusted',
  ],
  [429, 'a device that could not write had an older row, and sent it again: unwrittenIsSent'],
  [15_050, 'two joins at once in one session learned each other’s position: answersMixedUp'],
  [1_602_980, 'a title was given after a join that told a newer one'],
  [
    1_002_803,
    'a text of another history was equal to the server’s again at the head: unprovenNotCompared',
  ],
  [
    1_527_563,
    'a number whose row was on its way to the device was given again: numberGivenTwiceOffline',
  ],
  [
    1_086_687,
    'what the log has at one join’s version was compared with another join: answersOfAnotherJoin',
  ],
  [1_868_190, 'an operation of a page that had lost what it sent was refused: formerLifeIsOwn'],
])('seed %i: %s', (seed) => {
  const configuration = configurationOf(seed);
  const result = runWorld(configuration, variants[configuration.cores]);
  if (result.failure !== null) expect.fail(reportFailure(configuration, result, variants));
});
