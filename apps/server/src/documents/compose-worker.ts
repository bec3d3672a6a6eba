/** Worker thread that composes operations: a long log takes a second, which would block the event loop. */
import { parentPort } from 'node:worker_threads';
import { workWhenOthersRest } from '../platform/low-priority.ts';
import { Composer } from './composer.ts';
import type { ComposeAnswer, ComposeRequest } from './compositions.ts';

const port = parentPort;
if (port === null) throw new Error('compose-worker runs as a worker thread only.');
workWhenOthersRest();

let composer = new Composer();
port.on('message', (request: ComposeRequest) => {
  port.postMessage(answerTo(request));
});

function answerTo(request: ComposeRequest): ComposeAnswer {
  switch (request.type) {
    case 'begin':
      composer = new Composer();
      return { type: 'taken' };
    case 'piece':
      return composer.add(request.operations) ? { type: 'taken' } : { type: 'tooLarge' };
    case 'end': {
      const { after, through } = request;
      const json = JSON.stringify({ after, through, op: composer.take() });
      return { type: 'composed', json };
    }
  }
}
