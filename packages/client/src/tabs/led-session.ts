/** A client that a tab runs, as the leadership reads it: always as it is now. */
import type { DocumentText } from '@concord/ot';
import type { Person, Role } from '@concord/protocol';
import type { DocumentStatus, VisibleCaret } from '../document-client-api.ts';
import type { RunningDocumentClient } from '../document-client.ts';
import type { LedSession } from './core/leadership-io.ts';

export class RunningSession implements LedSession {
  readonly #client: RunningDocumentClient;

  constructor(client: RunningDocumentClient) {
    this.#client = client;
  }

  get documentText(): DocumentText {
    return this.#client.documentText;
  }
  get visibleCarets(): readonly VisibleCaret[] {
    return this.#client.visibleCarets;
  }
  get status(): DocumentStatus {
    return this.#client.view.status;
  }
  get title(): string {
    return this.#client.view.title;
  }
  get isTitleKnown(): boolean {
    return this.#client.view.isTitleKnown;
  }
  get isTitleSaved(): boolean {
    return this.#client.view.isTitleSaved;
  }
  get people(): readonly Person[] {
    return this.#client.view.people;
  }
  get peopleTotal(): number {
    return this.#client.view.peopleTotal;
  }
  get self(): number {
    return this.#client.view.self;
  }
  get role(): Role | null {
    return this.#client.view.role;
  }
  get version(): number {
    return this.#client.view.version;
  }
  get unsent(): number {
    return this.#client.view.unsent;
  }
}
