/** For tests: the services of documents over a scene of accounts, where no document is opened. */
import { defaultLimits } from '@concord/protocol';
import { pino } from 'pino';
import type { AccountScene } from './accounts/test-accounts.ts';
import { createServices, type Services } from './services.ts';

export function servicesOver(scene: AccountScene): Services {
  return createServices({
    ...scene,
    config: { limits: defaultLimits, guestsMayCreate: true },
    handles: { open: () => Promise.reject(new Error('opened for nothing')) },
    log: pino({ level: 'silent' }),
    metrics: { workRefused: () => {} },
  });
}
