/** What the routes of the REST API have at hand. */
import type { FastifyInstance, FastifyRequest, FastifyReply } from 'fastify';
import type { Authenticator, Principal } from '../access/principal.ts';
import type { Config } from '../platform/config.ts';
import type { DocumentService } from '../documents/document-service.ts';
import type { Library } from '../documents/library.ts';
import type { TextService } from '../documents/text-service.ts';
import type { Reservations } from '../http/reservations.ts';
import type { AccountServices } from '../accounts/account-services.ts';
import type { LimitState } from '../platform/limits/limit-state.ts';
import type { Log } from '../platform/log.ts';
import type { DocumentInvitations } from '../sharing/document-invitations.ts';
import type { People } from '../sharing/people.ts';
import type { ShareLinks } from '../sharing/share-links.ts';
import type { Store } from '../store/ports/store.ts';

export interface ApiContext {
  readonly config: Config;
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly services: AccountServices;
  readonly documentService: DocumentService;
  readonly library: Library;
  readonly texts: TextService;
  readonly people: People;
  readonly documentInvitations: DocumentInvitations;
  readonly shareLinks: ShareLinks;
  readonly log: Log;
  readonly limitState: Pick<LimitState, 'requests' | 'costlyRequests'>;
  readonly reservations: Reservations;
}

export type { FastifyInstance, FastifyRequest, FastifyReply, Principal };
