/** Worker thread that transforms old edits of the REST API over later operations (old-edits.ts). */
import { parentPort } from 'node:worker_threads';
import { workWhenOthersRest } from '../platform/low-priority.ts';
import { EditMover } from './core/edit-mover.ts';
import type { OldEditAnswer, OldEditRequest } from './old-edits.ts';

const port = parentPort;
if (port === null) throw new Error('old-edit-worker runs as a worker thread only.');
workWhenOthersRest();

let mover = new EditMover({ operations: [], steps: 0 });
port.on('message', (request: OldEditRequest) => {
  port.postMessage(answerTo(request));
});

function answerTo(request: OldEditRequest): OldEditAnswer {
  switch (request.type) {
    case 'begin':
      mover = new EditMover(request.edit);
      return { type: 'taken' };
    case 'piece':
      return mover.add(request.committed) ? { type: 'taken' } : { type: 'tooMuch' };
    case 'end':
      return { type: 'moved', moved: mover.moved };
  }
}
