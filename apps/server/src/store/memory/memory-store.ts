/**
 * The store port in memory, by maps and arrays: for tests of the layers above, and as the second implementation, which
 * separates the contract of a store from properties of SQLite (conformance/).
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

/** The simulated disk of a memory store, which tests can fill. Its contents outlive the store. */
export class MemoryDisk {
  readonly state = new MemoryState();
  readonly #listeners = new Set<(room: StorageRoom) => void>();
  #isFull = false;

  get room(): StorageRoom {
    return { isPaused: this.#isFull, freeBytes: this.#isFull ? 0 : Infinity };
  }

  /** Simulates a full disk, or space again. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull;
    for (const listener of this.#listeners) listener(this.room);
  }

  listen(listener: (room: StorageRoom) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** @param disk the contents of a closed store; empty by default */
export function openMemoryStore(disk = new MemoryDisk()): Store {
  const { state } = disk;
  let isClosed = false;
  const boundary = boundaryOf(state, {
    isClosed: () => isClosed,
    isFull: () => disk.room.isPaused,
  });
  return {
    historyId: state.historyId,
    cluster: null,
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
    shared: null,
    // A memory store has no events.
    listen: () => {},
    close: async () => {
      isClosed = true;
    },
  };
}
