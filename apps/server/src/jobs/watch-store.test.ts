/** What the server does about events of its store: derived data is made again, and nothing but a failed store is fatal. */
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { StoreError, type Store, type StoreEvent } from '../store/ports/store.ts';
import { watchStore } from './watch-store.ts';

let store: Store;
let tell: (event: StoreEvent) => void;
const makeDerivedAgain = vi.fn();
const filesDamaged = vi.fn();
const fatal = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  store = openMemoryStore();
  vi.spyOn(store, 'listen').mockImplementation((listener) => (tell = listener));
  const log = pino({ level: 'silent' });
  watchStore({ store, log, metrics: new ServerMetrics(), makeDerivedAgain, filesDamaged, fatal });
});
afterEach(() => store.close());

it('a dropped search index is rebuilt at once without ending the server', () => {
  tell({ type: 'derivedReset' });
  expect(makeDerivedAgain).toHaveBeenCalledOnce();
  expect(fatal).not.toHaveBeenCalled();
});

it('new damage triggers one scan of all logs; a report of an earlier start does not', () => {
  const incident = { name: 'report', kind: 'damagedPages', at: '', message: 'damaged' } as const;
  tell({ type: 'incident', incident, isNew: false });
  expect(filesDamaged).not.toHaveBeenCalled();
  tell({ type: 'incident', incident, isNew: true });
  expect(filesDamaged).toHaveBeenCalledOnce();
  expect(fatal).not.toHaveBeenCalled();
});

it('a store that cannot make writes durable ends the server', () => {
  const error = new StoreError('The disk failed.', true);
  tell({ type: 'failed', error });
  expect(fatal).toHaveBeenCalledExactlyOnceWith(error);
});
