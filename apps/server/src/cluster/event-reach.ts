/**
 * Which domain events travel to other nodes, with the reason (docs/cluster.md, Events). One that travels has a schema,
 * because a node of another version may have written it. A type that is missing here does not compile.
 */
import { documentIdSchema, renameIdSchema } from '@concord/protocol';
import { z } from 'zod';
import type { DomainEvent, DomainEventOf, DomainEventType } from '../platform/domain-events.ts';

type Reach<Type extends DomainEventType> =
  | {
      readonly travels: true;
      readonly schema: z.ZodType<DomainEventOf<Type>>;
      readonly because: string;
    }
  | { readonly travels: false; readonly because: string };

const text = z.string();
const documentId = documentIdSchema;

export const eventReach: { readonly [Type in DomainEventType]: Reach<Type> } = {
  documentCreated: {
    travels: false,
    because: 'The node that created the document indexes its text. Others have nothing of it yet.',
  },
  textChanged: {
    travels: false,
    because:
      'Published for every batch. The owner indexes what it commits, and it is the owner who publishes.',
  },
  documentRenamed: {
    travels: true,
    because:
      'The owner may be another node than the one that was asked. It compares versions of the title.',
    schema: z.object({
      type: z.literal('documentRenamed'),
      documentId,
      title: text,
      titleVersion: z.int(),
      renameId: renameIdSchema.nullable(),
    }),
  },
  accessChanged: {
    travels: true,
    because: 'The owner may be another node. It reads the access list again.',
    schema: z.object({ type: z.literal('accessChanged'), documentId }),
  },
  documentPurging: {
    travels: true,
    because:
      'The owner ends its sessions before the text is gone. If that is late, the log refuses its appends.',
    schema: z.object({ type: z.literal('documentPurging'), documentId }),
  },
  documentPurged: {
    travels: true,
    because: 'A node may have opened the document while it was purged.',
    schema: z.object({ type: z.literal('documentPurged'), documentId }),
  },
  personRenamed: {
    travels: true,
    because: 'The person may be in documents of every node.',
    schema: z.object({ type: z.literal('personRenamed'), userId: text, name: text }),
  },
  accountChanged: {
    travels: true,
    because: 'Every node caches who may sign in.',
    schema: z.object({ type: z.literal('accountChanged'), userId: text }),
  },
  sessionEnded: {
    travels: true,
    because: 'Every node caches which sign-ins are alive, and may have connections of this one.',
    schema: z.object({ type: z.literal('sessionEnded'), authSessionId: text }),
  },
  sessionsEnded: {
    travels: true,
    because: 'Every node caches which sign-ins are alive, and may have connections of them.',
    schema: z.object({
      type: z.literal('sessionsEnded'),
      userId: text,
      exceptSessionId: text.nullable(),
    }),
  },
  apiTokenDeleted: {
    travels: true,
    because: 'Every node caches which tokens are valid, and may have connections by this one.',
    schema: z.object({ type: z.literal('apiTokenDeleted'), userId: text, tokenId: text }),
  },
  eventsMissed: {
    travels: false,
    because: 'Said by each node of itself.',
  },
};

/** The event as other nodes get it; null for one that stays here. */
export function sentEvent(event: DomainEvent): string | null {
  return eventReach[event.type].travels ? JSON.stringify(event) : null;
}

/** The event that another node sent; null for one that this version does not know. */
export function receivedEvent(sent: string): DomainEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(sent);
  } catch {
    return null;
  }
  const { type } = Object(event) as { readonly type?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(eventReach, type)) return null;
  const reach = eventReach[type as DomainEventType];
  if (!reach.travels) return null;
  const parsed = reach.schema.safeParse(event);
  return parsed.success ? parsed.data : null;
}
