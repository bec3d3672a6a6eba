/**
 * A replica as stored on the device: serialised, so that it shares no objects with the page. Few rows are ever read, so
 * serialisation is lazy; until then the replica is frozen.
 */
import type { Replica } from '@concord/client';
import type { DocumentText } from '@concord/ot';
import type { ClientId } from '@concord/protocol';
import type { Cores } from './cores.ts';
import type { DeviceRow } from './disk.ts';
import { deepFreeze } from './frozen.ts';
import type { Random } from './random.ts';

type ReplicaRow = Omit<Replica, 'confirmed'> & { readonly confirmed: string };

export function rowOf(replica: Replica): DeviceRow {
  deepFreeze(replica);
  let text: string | null = null;
  return {
    toString: () => {
      const row: ReplicaRow = { ...replica, confirmed: replica.confirmed.toString() };
      text ??= JSON.stringify(row);
      return text;
    },
  };
}

export function replicaOf(row: string, { DocumentText }: Cores): Replica {
  const parsed = JSON.parse(row) as ReplicaRow;
  return { ...parsed, confirmed: DocumentText.from(parsed.confirmed) };
}

/** What its page shows. */
export const visibleOf = ({ confirmed, inFlight, pending }: Replica): DocumentText =>
  confirmed.apply(inFlight?.op ?? []).apply(pending);

const CLIENT_ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export function drawClientId(random: Random): ClientId {
  let id = '';
  for (let i = 0; i < 26; i++) id += CLIENT_ID_CHARACTERS[random.integer(0, 31)];
  return id as ClientId;
}
