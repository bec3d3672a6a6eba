/** The parts of a session that know nothing of its operations. Each owns its state; all write to the same effects. */
import { DeviceWrites } from './device-writes.ts';
import { Effects } from './effects.ts';
import { Link } from './link.ts';
import { OfflineMerge } from './offline-merge.ts';
import { Presence } from './presence.ts';
import type { Replica } from './replica.ts';
import { StatusSignals } from './status-signals.ts';
import { TitleSync } from './title-sync.ts';

export interface SessionParts {
  readonly effects: Effects;
  readonly link: Link;
  readonly device: DeviceWrites;
  readonly signals: StatusSignals;
  readonly merge: OfflineMerge;
  readonly presence: Presence;
  readonly title: TitleSync;
}

/**
 * @param initial what the session is begun with
 * @param replica what the device should keep, read at each write
 */
export function sessionParts(initial: Replica, replica: () => Replica): SessionParts {
  const effects = new Effects();
  const link = new Link(effects, initial);
  const device = new DeviceWrites(effects, initial, replica);
  return {
    effects,
    link,
    device,
    signals: new StatusSignals(effects),
    merge: new OfflineMerge(effects),
    presence: new Presence(effects, link),
    title: new TitleSync(effects, link, device, initial),
  };
}
