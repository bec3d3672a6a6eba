import { expect, it } from 'vitest';
import { configurationOf } from './configuration.ts';
import { replayLines } from './report-failure.ts';

it('the commands that replay a red seed of a mutant name the mutant', () => {
  const simplest = configurationOf(7);
  const commands = (mutant: string | null): string[] =>
    replayLines(7, simplest, mutant).map((line) => line.replace(/ --configuration .*/, ''));
  expect(commands('noDedupe')).toEqual([
    'Replay: npm run simulate -- --seed 7 --trace --mutant noDedupe',
    'Replay the simplest: npm run simulate -- --trace --mutant noDedupe',
  ]);
  expect(commands(null)).toEqual([
    'Replay: npm run simulate -- --seed 7 --trace',
    'Replay the simplest: npm run simulate -- --trace',
  ]);
});
