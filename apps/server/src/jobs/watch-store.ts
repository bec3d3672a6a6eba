/** Reacts to events of the store (damage, faults): logs and counts them, rebuilds derived data, or ends the process. */
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { StorageRoom, Store, StoreError } from '../store/ports/store.ts';

export interface WatchStoreOptions {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: ServerMetrics;
  /** Rebuilds the data that is derived from the texts. */
  readonly makeDerivedAgain: () => void;
  /** Called when pages of the files are damaged: parts of documents that are not read may be damaged too. */
  readonly filesDamaged: () => void;
  readonly fatal: (error: StoreError) => void;
}

export function watchStore(options: WatchStoreOptions): void {
  const { store, log, metrics, makeDerivedAgain, filesDamaged, fatal } = options;
  const sayRoom = ({ isPaused, freeBytes }: StorageRoom): void => {
    if (isPaused)
      log.error({ freeBytes }, 'saving is paused: the disk is almost full. Free some space.');
    else log.info({ freeBytes }, 'saving goes on: there is room on the disk again');
  };
  store.room.onChange(sayRoom);
  if (store.room.current().isPaused) sayRoom(store.room.current());
  metrics.observeRoom(() => store.room.current());
  store.listen((event) => {
    switch (event.type) {
      case 'incident': {
        const { name, kind, at, message } = event.incident;
        metrics.incident(kind);
        if (event.isNew) filesDamaged();
        const details = { report: name, kind, foundAt: at, isNew: event.isNew };
        return log.error(details, message);
      }
      case 'repaired':
        return log.warn({}, event.message);
      case 'derivedReset':
        log.warn({}, 'the search index was damaged; it is being made again from the texts');
        return makeDerivedAgain();
      case 'failed':
        return fatal(event.error);
    }
  });
}
