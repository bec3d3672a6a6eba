/** The thread that compares texts: a hard pair takes a second or two, in which nobody could type otherwise. */
import { parentPort } from 'node:worker_threads';
import { diffTexts } from '@concord/ot';
import type { DiffAnswer, DiffRequest } from './text-diffs.ts';

const port = parentPort;
if (port === null) throw new Error('diff-worker runs as a worker thread only.');
port.on('message', ({ before, after }: DiffRequest) => {
  port.postMessage({ operation: diffTexts(before, after) } satisfies DiffAnswer);
});
