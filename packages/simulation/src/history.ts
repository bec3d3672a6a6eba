/** A document with a history: a log before the first client, and replicas at older versions of it. */
import { OperationBuilder, type TextOperation } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import type { LoggedOperation } from '@concord/server';
import type { Cores } from './cores.ts';
import { WORLD_BEGINS_AT } from './simulated-document.ts';
import { HISTORY_ID, identityIn } from './simulated-server.ts';
import type { World } from './world.ts';

const ELDER = 'e'.repeat(26) as ClientId;
/** The text stays at about this length, so that a long log is cheap. */
const LENGTH = 60;

export function preloadHistory(world: World, cores: Cores, documentId: DocumentId): void {
  const { configuration, store, ledger, characters, disks } = world;
  const random = world.random.fork('history');
  const elder = ledger.person('elder', 'elder');
  ledger.owns(elder, ELDER);
  let text = cores.DocumentText.empty;
  const checkpointAt = random.integer(0, configuration.history);
  for (let version = 1; version <= configuration.history; version++) {
    const length = text.lengthCodePoints;
    const isDelete = length > random.integer(1, 2 * LENGTH);
    const builder = new OperationBuilder().retain(random.integer(0, Math.max(0, length - 1)));
    const op: TextOperation = (
      isDelete ? builder.delete(1) : builder.insert(characters.syllable())
    ).build();
    ledger.edited(elder, text, op);
    text = text.apply(op);
    const at = WORLD_BEGINS_AT - configuration.history + version;
    const logged: LoggedOperation = { clientId: ELDER, seq: version, author: 'elder', at, op };
    store.preload(JSON.stringify(logged));
    if (version === checkpointAt && random.chance(0.7)) {
      store.preloadCheckpoint({ version, text: text.toString() });
    }
  }
  if (configuration.history === 0) return;
  for (const [index, disk] of disks.entries()) {
    if (random.chance(0.5)) continue;
    const version = random.integer(0, configuration.history);
    const clientId = 'bcd7'.charAt(index % 4).repeat(25) + String.fromCharCode(97 + index);
    const replica = {
      ...cores.newReplica(documentId, clientId as ClientId),
      epoch: random.integer(1, 9),
      historyId: HISTORY_ID,
      opened: true,
      title: 'Title',
      titleVersion: 0,
      version,
      // Some rows are from versions without proofs of history.
      head: random.fork(`head/${index}`).chance(0.3) ? null : identityIn(store.row(version)),
      confirmed: ledger.textAt(version) ?? '',
    };
    disk.preload(JSON.stringify(replica));
  }
}
