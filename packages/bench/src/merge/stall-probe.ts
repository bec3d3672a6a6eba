/** Loaded into each server before its own code (`--import`): watches its event loop, and answers when asked. */
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
