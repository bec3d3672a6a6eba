/** Loaded into each server before its own code (`--import`): monitors its event loop and reports on request. */
import { isMainThread } from 'node:worker_threads';
import { StallWatch } from './stall-watch.ts';

export type StallQuestion = 'watchStalls' | 'stallFigures';

if (isMainThread && process.send !== undefined) {
  const watch = new StallWatch();
  process.on('message', (question: unknown) => {
    if (question === 'watchStalls') {
      watch.begin();
      process.send?.({ answer: null });
    }
    if (question === 'stallFigures') {
      void watch.figures().then((figures) => process.send?.({ answer: figures }));
    }
  });
}
