/** User actions and faults as arrivals in virtual time, each with its own random stream. */
import { API_USER } from './api-writer.ts';
import { MALICIOUS_USER } from './malicious-client.ts';
import type { Random } from './random.ts';
import type { SimulatedClient } from './simulated-client.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

/** Schedules all user actions and faults until faults stop. */
export function scheduleFaults(world: World): void {
  const { configuration, random, server, malicious } = world;
  const { network, device, server: process, attacksPerMinute } = configuration;
  for (const [index, first] of world.clients.entries()) {
    const own = random.fork(`life/${index}`);
    /** The tab that leads now. */
    const leader = (): SimulatedClient => world.clients[index] ?? first;
    openFirst(world, leader, index, own);
    if (first.guest.role === 'editor') work(world, leader, index, own.fork('work'));
    const arrivals = (name: string, perMinute: number, happen: (random: Random) => void): void =>
      arrive(world, own.fork(name), perMinute, happen);
    arrivals('cut', network.cutsPerMinute, () => leader().cut());
    arrivals('offline', network.offlinePerMinute, (drawn) => {
      leader().setOffline();
      const isNoticed = drawn.chance(0.7);
      const awayMs = drawn.skewed(100, network.offlineMs * configuration.slowness);
      world.scheduler.after(awayMs, () => leader().setOnline(isNoticed));
    });
    arrivals('reload', device.reloadsPerMinute, (drawn) => reload(world, leader, drawn));
    const { perMinute, ms } = configuration.standstills;
    arrivals('standstill', perMinute, (drawn) =>
      world.disks[index]?.standStill(drawn.skewed(1_000, ms)),
    );
    arrivals('robbery', configuration.robberiesPerMinute, () => {
      world.clients[index] = leader().robbed();
    });
    arrivals('rename', configuration.renamesPerMinute, (drawn) => leader().retitle(drawn));
  }
  const restart = (drawn: Random): void => {
    world.scheduler.after(drawn.skewed(10, process.downMs), () => server.start());
  };
  arrive(world, random.fork('kill'), process.killsPerMinute, (drawn) => {
    server.kill();
    restart(drawn);
  });
  arrive(world, random.fork('restore'), configuration.restoresPerMinute, (drawn) => {
    server.kill();
    const { head } = world.store;
    const lost = drawn.skewed(1, Math.max(1, Math.min(head, 20)));
    if (head > 0) {
      world.store.restore(head - lost);
      world.ledger.restored(head - lost);
      world.marks?.restored(head - lost);
      world.apiWriter.forget();
    }
    restart(drawn);
  });
  arrive(world, random.fork('stop'), process.stopsPerMinute, (drawn) => {
    server.stop();
    // A process that does not stop in time is killed.
    world.scheduler.after(8_000, () => {
      server.kill();
      restart(drawn);
    });
  });
  arrive(world, random.fork('pause'), process.pausesPerMinute, (drawn) =>
    server.pause(drawn.skewed(50, 20_000)),
  );
  arrive(world, random.fork('memory'), configuration.releasesPerMinute, () => server.release());
  arrive(world, random.fork('access'), configuration.accessChangesPerMinute, (drawn) =>
    changeAccess(world, drawn),
  );
  arrive(world, random.fork('api edits'), configuration.apiEditsPerMinute, () =>
    world.apiWriter.edit(),
  );
  if (malicious !== null) {
    arrive(world, random.fork('attack'), attacksPerMinute, () => malicious.attack());
  }
}

type Leader = () => SimulatedClient;

function openFirst(world: World, leader: Leader, index: number, random: Random): void {
  const latest = world.configuration.durationMs / 4;
  world.scheduler.after(random.skewed(0, latest), () =>
    leader().open(world.disks[index]?.crash(false) ?? null),
  );
}

/** Reloads the page: in an orderly way or as a crash, maybe with a power loss of the device. */
function reload(world: World, leader: Leader, random: Random): void {
  const client = leader();
  if (client.session === null) return;
  const drawn = random.next();
  if (drawn < 0.4) client.step({ type: 'suspend' });
  else if (drawn < 0.5) client.step({ type: 'close' });
  const row = client.die(random.chance(world.configuration.device.powerLossChance));
  world.scheduler.after(random.skewed(10, 8_000), () => client.open(row));
}

/** Changes or revokes a person's role; the notification of the owner may be lost. */
function changeAccess({ configuration, clients, store, server, log }: World, random: Random): void {
  const own = clients.map(({ guest }) => guest.userId);
  const userId = random.pick([API_USER, MALICIOUS_USER, ...own] as const);
  const role = random.pick(['editor', 'editor', 'viewer', 'commenter', null] as const);
  log.record('store', 'role', `${userId} ${role}`);
  store.access.set(userId, role);
  if (!random.chance(configuration.accessNoticeLossChance)) server.accessChanged();
}

/** Edits in bursts with pauses between them. */
function work(world: World, leader: Leader, index: number, random: Random): void {
  const { editsPerEditor, burstMs, pauseChance, durationMs, slowness } = world.configuration;
  const pauseMs = world.configuration.pauseMs * slowness;
  const person = world.people[index];
  if (person === undefined) return;
  let left = editsPerEditor;
  const think = (): void => {
    const isPause = random.chance(pauseChance);
    const ms = isPause ? random.skewed(burstMs, pauseMs) : random.skewed(1, 2 * burstMs);
    world.scheduler.after(ms, () => {
      if (world.scheduler.now >= durationMs || left === 0) return;
      const client = leader();
      if (random.chance(0.3)) {
        client.openAgain();
        client.mergeCopy();
      }
      const { session } = client;
      if (session !== null && client.isWritable && (session.opened || random.chance(0.05))) {
        left--;
        client.edit(person.nextEdit(session.buffer.visible));
        const caret = random.chance(0.3)
          ? person.moveCaret(session.buffer.visible)
          : Math.min(person.caret, session.buffer.visible.lengthCodePoints);
        client.step({ type: 'select', selection: { anchor: caret, head: caret } });
      }
      think();
    });
  };
  think();
}

/** A Poisson process until faults stop. */
function arrive(
  world: World,
  random: Random,
  perMinute: number,
  happen: (random: Random) => void,
): void {
  if (perMinute === 0) return;
  const next = (): void => {
    const minutes = (-Math.log(1 - random.next()) / perMinute) * world.configuration.slowness;
    const ms = minutes * MINUTE_MS;
    world.scheduler.after(ms, () => {
      if (world.scheduler.now >= world.configuration.durationMs) return;
      happen(random);
      next();
    });
  };
  next();
}
