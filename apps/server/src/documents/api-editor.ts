/**
 * Submits edits of the REST API to the owner: an edit of any size or age is transformed and split until the owner
 * accepts it within one step, and resolves when it is durable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TextOperation } from '@concord/ot';
import { randomClientId, type ClientId, type DocumentId } from '@concord/protocol';
import type { Asker } from '../access/core/permissions.ts';
import { StoreFullError, type Store } from '../store/ports/store.ts';
import { apiClientId } from './core/api-clients.ts';
import { EDIT_TRANSFORM_COST_MAX } from './core/api-edits.ts';
import type { DocumentInput, EditCondition, EditRejection } from './core/document-messages.ts';
import type { DocumentOwner } from './core/document-owner.ts';
import { cutToFit } from './core/edit-mover.ts';
import { OLD_EDIT_STEPS_MAX, type MovedEdit, type OldEdits } from './old-edits.ts';
import { readLog, type Opened } from './open-document.ts';

/** How often, and for how long, an edit waits for a batch in flight to the log. */
const WAITS_MAX = 100;
const WAIT_MS = 10;

/** The edit was not committed; nothing was changed. */
export class EditRejectedError extends Error {
  readonly code: EditRejection;
  constructor(code: EditRejection) {
    super(`The edit was not committed: ${code}`);
    this.code = code;
  }
}

export interface ApiEdit {
  readonly userId: string;
  readonly atMost?: Asker['atMost'];
  /** A client id used only for this edit, so that a repeated edit is committed once. */
  readonly onceAs?: ClientId | null;
  readonly condition?: EditCondition | undefined;
  /** Version of the text that the first operation is for. */
  readonly baseVersion: number;
  readonly operations: readonly TextOperation[];
}

export interface ApiEditorOptions {
  readonly opened: Opened;
  readonly store: Store;
  readonly oldEdits: OldEdits;
}

interface Pending {
  readonly resolve: (edited: { version: number }) => void;
  readonly reject: (error: Error) => void;
}

export class ApiEditor {
  readonly #owner: Pick<DocumentOwner, 'version' | 'costOfEdit'>;
  readonly #options: ApiEditorOptions;
  readonly #dispatch: (input: DocumentInput) => void;
  readonly #documentId: DocumentId;
  readonly #clientId = apiClientId(randomClientId());
  /** Edits that the owner has not answered, by ticket. */
  readonly #pending = new Map<number, Pending>();
  #nextTicket = 1;

  constructor(
    owner: Pick<DocumentOwner, 'version' | 'costOfEdit'>,
    options: ApiEditorOptions,
    dispatch: (input: DocumentInput) => void,
  ) {
    this.#owner = owner;
    this.#options = options;
    this.#dispatch = dispatch;
    this.#documentId = options.opened.document.documentId;
  }

  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Hands consecutive operations of any size to the owner, as if their author typed them. Resolves when they are
   * durable, with the version of the last, and in how many pieces they were handed over. Rejects with
   * {@link EditRejectedError}, StoreError (StoreFullError while saving is paused) or CorruptionError.
   */
  async edit({
    userId,
    atMost,
    onceAs = null,
    condition,
    baseVersion,
    operations,
  }: ApiEdit): Promise<{ readonly version: number; readonly pieces: number }> {
    if (operations.length === 0) return { version: this.#owner.version, pieces: 0 };
    const { store } = this.#options;
    if (store.room.current().isPaused) throw new StoreFullError();
    const position =
      onceAs === null ? null : await store.log.positionOf(this.#documentId, onceAs, userId);
    const moved = await this.#upToDate(userId, baseVersion, operations);
    const ticket = this.#nextTicket++;
    const edited = await new Promise<{ version: number }>((resolve, reject) => {
      this.#pending.set(ticket, { resolve, reject });
      this.#dispatch({
        type: 'edit',
        ticket,
        userId,
        atMost,
        clientId: onceAs ?? this.#clientId,
        ...(onceAs !== null && { once: { position } }),
        ...(condition !== undefined && { condition }),
        ...moved,
      });
    });
    return { ...edited, pieces: moved.operations.length };
  }

  /** Called when the edit of that ticket is durable, its last operation at this version. */
  edited(ticket: number, version: number): void {
    this.#pending.get(ticket)?.resolve({ version });
    this.#pending.delete(ticket);
  }

  rejected(ticket: number, code: EditRejection): void {
    this.#pending.get(ticket)?.reject(new EditRejectedError(code));
    this.#pending.delete(ticket);
  }

  /** Called when the owner threw, and will answer none of them. */
  rejectAll(): void {
    for (const ticket of [...this.#pending.keys()]) this.rejected(ticket, 'storeUnavailable');
  }

  /**
   * In pieces that the owner takes. Older than what the owner remembers, or much to move: moved before, as a client does
   * that comes back, until it is little. Rejects with EditRejectedError when too much was written meanwhile.
   */
  async #upToDate(
    userId: string,
    baseVersion: number,
    operations: readonly TextOperation[],
  ): Promise<Pick<ApiEdit, 'baseVersion' | 'operations'>> {
    const { oldEdits, store, opened } = this.#options;
    const { operationComponents: components, operationBytes: bytes } = opened.document.limits;
    let edit: MovedEdit = { operations, steps: OLD_EDIT_STEPS_MAX };
    let base = baseVersion;
    let waits = 0;
    for (;;) {
      if (this.#isLittle(base, edit.operations)) {
        const pieces = cutToFit(edit.operations, { components, bytes });
        if (this.#isLittle(base, pieces)) return { baseVersion: base, operations: pieces };
      }
      const until = this.#owner.version;
      if (base >= until) {
        // The operations to transform over are still in flight to the log.
        if (waits++ === WAITS_MAX) throw new EditRejectedError('conflict');
        await sleep(WAIT_MS);
        continue;
      }
      const committed = readLog(store.log, this.#documentId, base, until);
      const moved = await oldEdits.move(userId, edit, committed);
      if (moved === null) throw new EditRejectedError('conflict');
      edit = moved;
      base = until;
    }
  }

  #isLittle(baseVersion: number, operations: readonly TextOperation[]): boolean {
    return this.#owner.costOfEdit(baseVersion, operations) <= EDIT_TRANSFORM_COST_MAX;
  }
}
