/** For tests: the services of accounts over a store in memory, and a record of what live sessions were told. */
import type { SignUpMode } from '@concord/protocol';
import { pino } from 'pino';
import { readConfig, type Config } from '../platform/config.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import { testEvents } from '../platform/test-events.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { createAccountServices, type AccountServices } from './account-services.ts';
import { Attempts } from '../platform/attempts.ts';
import { ProcessBuckets } from '../platform/limits/bucket-table.ts';
import { ProcessProvenPlaces } from '../platform/limits/proven-places.ts';

const STANDING_STILL_AT = 1_700_000_000_000;

/** What a gateway would have ended. */
export class RecordedLiveSessions {
  readonly endedIds: string[] = [];
  readonly endedAll: [userId: string, exceptId: string | null][] = [];

  constructor(events: InProcessEvents) {
    events.subscribe('sessionEnded', (event) => void this.endedIds.push(event.authSessionId));
    events.subscribe('apiTokenDeleted', (event) => void this.endedIds.push(event.tokenId));
    events.subscribe('sessionsEnded', ({ userId, exceptSessionId }) => {
      this.endedAll.push([userId, exceptSessionId]);
    });
  }
}

export interface AccountScene {
  readonly store: Store;
  readonly config: Config;
  readonly events: InProcessEvents;
  readonly live: RecordedLiveSessions;
  readonly services: AccountServices;
  /** An account without a password, as a single sign-on would make it; its user id. */
  readonly addAccount: (userName: string, options?: { isAdmin?: boolean }) => Promise<string>;
}

export async function accountScene(
  signUp: SignUpMode = 'open',
  changed: Partial<Config> = {},
): Promise<AccountScene> {
  const store = openMemoryStore();
  const config: Config = { ...readConfig({}), signUp, ...changed };
  const events = testEvents();
  const live = new RecordedLiveSessions(events);
  const log = pino({ level: 'silent' });
  // Tries are counted, and come back with time: it stands still, however busy the machine is.
  const buckets = new ProcessBuckets({ now: () => STANDING_STILL_AT });
  const attempts = new Attempts({ attempts: buckets, provenPlaces: new ProcessProvenPlaces() });
  const services = await createAccountServices(store, config, events, log, { attempts });
  let count = 0;
  return {
    store,
    config,
    events,
    live,
    services,
    async addAccount(userName, { isAdmin = false } = {}) {
      count += 1;
      const userId = count.toString(16).padStart(32, '0');
      await store.accounts.create(
        {
          userId,
          userName,
          email: null,
          passwordHash: null,
          subject: null,
          isAdmin,
          createdAt: count,
          disabledAt: null,
        },
        null,
      );
      return userId;
    },
  };
}

export const nowhere = { userAgent: 'a test', address: '192.0.2.1' };
