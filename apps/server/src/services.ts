/** The application services, put together once per server: one use case each of what people do by the API. */
import type { AccountServices } from './accounts/account-services.ts';
import type { DocumentHandles } from './documents/document-handle.ts';
import { DocumentService } from './documents/document-service.ts';
import { Library } from './documents/library.ts';
import { TextService } from './documents/text-service.ts';
import type { Config } from './platform/config.ts';
import type { DomainEvents } from './platform/domain-events.ts';
import type { Log } from './platform/log.ts';
import type { ServerMetrics } from './platform/metrics.ts';
import { DocumentInvitations } from './sharing/document-invitations.ts';
import { People } from './sharing/people.ts';
import { ShareLinks } from './sharing/share-links.ts';
import type { Store } from './store/ports/store.ts';

export interface ServicesOptions {
  readonly config: Pick<Config, 'limits' | 'guestsMayCreate'>;
  readonly store: Store;
  readonly events: DomainEvents;
  readonly handles: Pick<DocumentHandles, 'open'>;
  readonly services: Pick<AccountServices, 'attempts' | 'passwords' | 'quotas'>;
  readonly log: Log;
  readonly metrics: Pick<ServerMetrics, 'workRefused'>;
}

export interface Services {
  readonly documentService: DocumentService;
  readonly library: Library;
  readonly texts: TextService;
  readonly people: People;
  readonly documentInvitations: DocumentInvitations;
  readonly shareLinks: ShareLinks;
}

export function createServices(options: ServicesOptions): Services {
  const { config, store, events, handles, log, metrics } = options;
  const { attempts, passwords, quotas } = options.services;
  const { limits, guestsMayCreate } = config;
  return {
    documentService: new DocumentService({ store, events, limits, quotas, guestsMayCreate }),
    library: new Library(store),
    texts: new TextService({ store, handles, limits, quotas, log, metrics }),
    people: new People({ store, events }),
    documentInvitations: new DocumentInvitations({ store, events, attempts }),
    shareLinks: new ShareLinks({ store, events, attempts, passwords }),
  };
}

/** The services, beside what they are made of: the context of routes and sockets. */
export const withServices = <Options extends ServicesOptions>(
  options: Options,
): Options & Services => ({
  ...options,
  ...createServices(options),
});
