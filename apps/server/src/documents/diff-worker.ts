/** Worker thread that compares texts: a hard pair takes a second or two, which would block the event loop. */
import { parentPort } from 'node:worker_threads';
import { diffTexts } from '@concord/ot';
import { workWhenOthersRest } from '../platform/low-priority.ts';
import type { DiffRequest, FromDiffWorker } from './diff-workers.ts';

const port = parentPort;
if (port === null) throw new Error('diff-worker runs as a worker thread only.');
workWhenOthersRest();
port.on('message', ({ before, after }: DiffRequest) => {
  port.postMessage({ kind: 'begun' } satisfies FromDiffWorker);
  const operation = diffTexts(before, after);
  port.postMessage({ kind: 'found', operation } satisfies FromDiffWorker);
});
