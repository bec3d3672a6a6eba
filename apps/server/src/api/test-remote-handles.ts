/**
 * For tests: documents whose owner is elsewhere. Every question goes through a channel that carries plain data only, and is
 * answered later, as by another process; the owner is looked up for each, because it may have changed.
 */
import { MessageChannel } from 'node:worker_threads';
import { DocumentText } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import type { DocumentHandle, DocumentHandles } from '../documents/document-handle.ts';

/** Where the owner of all documents is now. */
export type Elsewhere = () => DocumentHandles;

/** What a channel does to a value; rejects for what is no plain data. */
function sent<T>(value: T): Promise<T> {
  const { port1, port2 } = new MessageChannel();
  return new Promise<T>((resolve, reject) => {
    port2.once('message', (arrived: T) => {
      port1.close();
      resolve(arrived);
    });
    try {
      port1.postMessage(value);
    } catch (error) {
      port1.close();
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

export class RemoteDocumentHandles implements DocumentHandles {
  readonly #elsewhere: Elsewhere;
  /** Names of the methods that were asked, in order. */
  readonly asked: string[] = [];

  constructor(elsewhere: Elsewhere) {
    this.#elsewhere = elsewhere;
  }

  open(id: DocumentId): Promise<DocumentHandle | null> {
    return this.#handle('open', id);
  }

  inMemory(id: DocumentId): Promise<DocumentHandle | null> {
    return this.#handle('inMemory', id);
  }

  async #handle(method: 'open' | 'inMemory', id: DocumentId): Promise<DocumentHandle | null> {
    this.asked.push(method);
    await sent(id);
    const isThere = (await this.#elsewhere()[method](id)) !== null;
    return (await sent(isThere)) ? this.#remote(id) : null;
  }

  /** @param question of the owner, in the words of plain data */
  async #ask<T, Given extends readonly unknown[]>(
    id: DocumentId,
    name: keyof DocumentHandle,
    given: Given,
    question: (owner: DocumentHandle, given: Given) => Promise<T>,
  ): Promise<T> {
    this.asked.push(name);
    const arrived = await sent(given);
    const owner = await this.#elsewhere().open(id);
    if (owner === null) throw new Error('The document went away between two questions.');
    return sent(await question(owner, arrived));
  }

  #remote(id: DocumentId): DocumentHandle {
    const ask = <T, Given extends readonly unknown[]>(
      name: keyof DocumentHandle,
      given: Given,
      question: (owner: DocumentHandle, given: Given) => Promise<T>,
    ): Promise<T> => this.#ask(id, name, given, question);
    return {
      version: () => ask('version', [], (owner) => owner.version()),
      text: async () => {
        const { version, text } = await ask('text', [], async (owner) => {
          const read = await owner.text();
          return { version: read.version, text: read.text.toString() };
        });
        return { version, text: DocumentText.from(text) };
      },
      textAt: async (version) => {
        const text = await ask('textAt', [version] as const, async (owner, [at]) => {
          return (await owner.textAt(at))?.toString() ?? null;
        });
        return text === null ? null : DocumentText.from(text);
      },
      snapshot: (atLeast) =>
        ask('snapshot', [atLeast] as const, (owner, given) => owner.snapshot(...given)),
      operationAt: (version) =>
        ask('operationAt', [version] as const, (owner, given) => owner.operationAt(...given)),
      isInLog: (head) => ask('isInLog', [head] as const, (owner, given) => owner.isInLog(...given)),
      committed: (clientId, userId) =>
        ask('committed', [clientId, userId] as const, (owner, given) => owner.committed(...given)),
      isOnlyByApiOf: (userId) =>
        ask('isOnlyByApiOf', [userId] as const, (owner, given) => owner.isOnlyByApiOf(...given)),
      edit: (edit) => ask('edit', [edit] as const, (owner, given) => owner.edit(...given)),
      // The work is done here; the owner only keeps the document.
      whileHeld: async (make) => {
        this.asked.push('whileHeld');
        const owner = await this.#elsewhere().open(id);
        return owner === null ? make() : owner.whileHeld(make);
      },
    };
  }
}
