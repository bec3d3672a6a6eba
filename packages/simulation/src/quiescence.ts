/** Invariants at rest: faults have stopped, and no client waits for anything. */
import type { Cores } from './cores.ts';
import { must } from './invariant-error.ts';
import type { World } from './world.ts';

/** Why the world is not at rest yet; null when it is. */
export function waitsFor(world: World): string | null {
  const { server, store, titles, ledger, marks, clients, configuration } = world;
  for (const client of clients) {
    const { session, name, guest } = client;
    if (session === null) return `${name} is closed`;
    const { buffer, state, stopped } = session;
    if (state === 'stopped') return `${name} stopped: ${stopped?.code}`;
    if (state !== 'live') return `${name} is ${state}`;
    // Its version may equal the head's although a restore has replaced that history.
    if (client.isCutOff) return `${name} has not noticed that its connection is gone`;
    if (buffer.inFlight !== null) return `${name} waits for ${buffer.inFlight.seq}`;
    if (buffer.pendingEdits > 0) return `${name} has unsent edits`;
    if (buffer.version !== store.head) return `${name} is at ${buffer.version} of ${store.head}`;
    if (!session.isTitleSaved) return `${name} has a title to send`;
    // A dropped title frame, impossible on TCP, is repaired at the next join.
    if (configuration.network.dropChance === 0 && session.title !== titles.current.title) {
      return `${name} shows the title ${session.title} for ${titles.current.title}`;
    }
    if (guest.role === 'viewer') continue;
    if (buffer.effects.state === null) return `${name} lacks the state of effects`;
    const owed = ledger.owed(client.account) ?? marks?.owed(client.account) ?? null;
    if (owed !== null) return `${name} is owed the ${owed}`;
  }
  if ((server.document?.owner.undurable ?? 0) > 0) return 'the owner has undurable operations';
  for (const client of clients) {
    const kind = client.session === null ? null : world.statusOf(client.session).kind;
    const isFine = kind === 'saved' || (client.guest.role === 'viewer' && kind === 'viewOnly');
    if (!isFine) return `${client.name} shows "${kind}"`;
  }
  return null;
}

/** All texts equal the log's, and so does the text of an owner reopened from checkpoint and tail (I2, I6). */
export function checkAgreement(world: World, cores: Cores): void {
  const { store, ledger, clients, marks, server } = world;
  const text = ledger.textAt(store.head) ?? '';
  for (const { session, name } of clients) {
    const visible = session?.buffer.visible.toString();
    must(visible === text, 'I2', () => `${name} shows ${visible} for ${text}`);
  }
  ledger.checkOrder();
  ledger.checkMerged();
  const { checkpoint } = store;
  let replayed = cores.DocumentText.from(checkpoint?.text ?? '');
  if (marks !== null && server.document !== null) {
    const { version, effectState } = server.document.owner;
    marks.checkStateAt('the owner', version, effectState);
  }
  for (let version = (checkpoint?.version ?? 0) + 1; version <= store.head; version++) {
    const { op } = JSON.parse(store.row(version) ?? '') as {
      op: Parameters<typeof replayed.apply>[0];
    };
    replayed = replayed.apply(op);
  }
  must(replayed.toString() === text, 'I6', () => `replay gives ${replayed.toString()} for ${text}`);
}
