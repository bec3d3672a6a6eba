/**
 * The store port in memory, by maps and arrays: for tests of everything above it, and as the second implementation
 * that shows what the contract asks of a store and what is SQLite's alone (conformance/).
 */
import type { StorageRoom, Store } from '../ports/store.ts';
import { HitPages } from '../search/hit-pages.ts';
import { access } from './access.ts';
import { accounts, invitations } from './accounts.ts';
import { boundaryOf } from './boundary.ts';
import { documentInvitations } from './document-invitations.ts';
import { documents, people } from './documents.ts';
import { keptAnswers } from './kept-answers.ts';
import { library } from './library.ts';
import { checkpoints, operationLog } from './log.ts';
import { MemoryState } from './memory-state.ts';
import { searchedTexts, searchIndex } from './search.ts';
import { apiTokens, authSessions, secret, signingKeys } from './sessions.ts';
import { retention, usage } from './usage.ts';

/** The disk of a store in memory: as full as a test says. What is on it outlives the store. */
export class MemoryDisk {
  readonly state = new MemoryState();
  readonly #listeners = new Set<(room: StorageRoom) => void>();
  #isFull = false;

  get room(): StorageRoom {
    return { isPaused: this.#isFull, freeBytes: this.#isFull ? 0 : Infinity };
  }

  /** There is no room any more, or there is again. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull;
    for (const listener of this.#listeners) listener(this.room);
  }

  listen(listener: (room: StorageRoom) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** @param disk holds what a store that was closed had; empty when left out */
export function openMemoryStore(disk = new MemoryDisk()): Store {
  const { state } = disk;
  let isClosed = false;
  const boundary = boundaryOf(state, {
    isClosed: () => isClosed,
    isFull: () => disk.room.isPaused,
  });
  return {
    historyId: state.historyId,
    room: { current: () => disk.room, onChange: (listener) => disk.listen(listener) },
    log: operationLog(state, boundary),
    checkpoints: checkpoints(state, boundary),
    documents: documents(state, boundary),
    people: people(state, boundary),
    access: access(state, boundary),
    documentInvitations: documentInvitations(state, boundary),
    library: library(state, boundary, new HitPages(searchedTexts(state, boundary))),
    search: searchIndex(state, boundary),
    accounts: accounts(state, boundary),
    authSessions: authSessions(state, boundary),
    apiTokens: apiTokens(state, boundary),
    invitations: invitations(state, boundary),
    keptAnswers: keptAnswers(state, boundary),
    signingKeys: signingKeys(state, boundary),
    usage: usage(state, boundary),
    retention: retention(state, boundary),
    secret: boundary.write('secret', (name: string) => secret(state, name)),
    // Nothing happens to it by itself.
    listen: () => {},
    close: async () => {
      isClosed = true;
    },
  };
}
