/**
 * What changed, told to all that must know: owners of open documents, search indexing, live sessions, caches. A service
 * publishes after its transaction; none of those is called by hand. A lost event costs seconds, not correctness: owners
 * and caches compare with the store by themselves (docs/decisions/0016-services-and-events.md).
 */
import type { DocumentId, RenameId } from '@concord/protocol';
import type { Guard } from './guard.ts';

/** Plain data, so that an event can travel to another process as JSON. */
export type DomainEvent =
  /** `text` is null for one that is too long to be indexed while its creator waits. */
  | {
      readonly type: 'documentCreated';
      readonly documentId: DocumentId;
      readonly version: number;
      readonly text: string | null;
    }
  /** Operations were committed; published for every batch. */
  | { readonly type: 'textChanged'; readonly documentId: DocumentId }
  /** As the store has the title now. */
  | {
      readonly type: 'documentRenamed';
      readonly documentId: DocumentId;
      readonly title: string;
      readonly titleVersion: number;
      readonly renameId: RenameId | null;
    }
  /** Who may do what: roles, links, what anyone may do, into the trash and out of it. */
  | { readonly type: 'accessChanged'; readonly documentId: DocumentId }
  /** About to be deleted permanently: nothing more is written to it. */
  | { readonly type: 'documentPurging'; readonly documentId: DocumentId }
  | { readonly type: 'documentPurged'; readonly documentId: DocumentId }
  | { readonly type: 'personRenamed'; readonly userId: string; readonly name: string }
  /** Made, changed, disabled or deleted. */
  | { readonly type: 'accountChanged'; readonly userId: string }
  /** One sign-in, by its auth session's id. */
  | { readonly type: 'sessionEnded'; readonly authSessionId: string }
  /** All sign-ins of the person, except one; null for none. */
  | {
      readonly type: 'sessionsEnded';
      readonly userId: string;
      readonly exceptSessionId: string | null;
    }
  | { readonly type: 'apiTokenDeleted'; readonly userId: string; readonly tokenId: string }
  /** Events of other nodes may not have arrived: who caches what the store has reads it again. */
  | { readonly type: 'eventsMissed' };

export type DomainEventType = DomainEvent['type'];
export type DomainEventOf<Type extends DomainEventType> = Extract<DomainEvent, { type: Type }>;

export type DomainEventHandler<Type extends DomainEventType> = (
  event: DomainEventOf<Type>,
) => void | Promise<void>;

/** The port: within this process, or between the nodes of a cluster (cluster/shared-events.ts). */
export interface DomainEvents {
  /**
   * Calls the subscribers in the order in which they subscribed, before it returns. Resolves when those of this process
   * are done; never rejects: what is published is done, and its subscribers' faults are not the publisher's.
   */
  publish(event: DomainEvent): Promise<void>;
  /** Returns the function that ends the subscription. */
  subscribe<Type extends DomainEventType>(
    type: Type,
    handler: DomainEventHandler<Type>,
  ): () => void;
}

export class InProcessEvents implements DomainEvents {
  readonly #guard: Pick<Guard, 'run'>;
  readonly #handlers = new Map<DomainEventType, ((event: DomainEvent) => void | Promise<void>)[]>();

  /** @param guard contains what a subscriber throws, so that the others hear of the event all the same */
  constructor(guard: Pick<Guard, 'run'>) {
    this.#guard = guard;
  }

  async publish(event: DomainEvent): Promise<void> {
    const handlers = this.#handlers.get(event.type) ?? [];
    await Promise.all(handlers.map((handler) => this.#guard.run('event', () => handler(event))));
  }

  subscribe<Type extends DomainEventType>(
    type: Type,
    handler: DomainEventHandler<Type>,
  ): () => void {
    // Kept under its type, it gets events of that type only.
    const own = (event: DomainEvent): void | Promise<void> => handler(event as DomainEventOf<Type>);
    // Another list each time: one that subscribes within a handler does not change a delivery under way.
    this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), own]);
    return () => {
      const others = (this.#handlers.get(type) ?? []).filter((each) => each !== own);
      this.#handlers.set(type, others);
    };
  }
}
