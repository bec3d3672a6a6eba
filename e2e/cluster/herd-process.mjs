/**
 * A part of a herd in a process of its own: clients that have documents open and type nothing. Told over IPC what to do
 * (herd.ts); tells several times a second how many of them are where.
 */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { followView } from '@concord/client';

const REPORT_MS = 200;
/** Clients that open their documents at the same time, so that opening thousands is no herd yet. */
const OPENING_MAX = 50;

const clients = [];
/** How long clients that lost their connection were away, in milliseconds; those that are not back yet are missing. */
const away = [];

function add({ url, documentId }) {
  const client = connectDocument({ url, documentId });
  let lostAt = null;
  followView(
    client,
    ({ status }) => status.kind,
    (kind) => {
      if (kind === 'reconnecting') lostAt ??= performance.now();
      if (kind !== 'saved' || lostAt === null) return;
      away.push(performance.now() - lostAt);
      lostAt = null;
    },
  );
  clients.push({ client, documentId });
  return client;
}

async function open(places) {
  for (let from = 0; from < places.length; from += OPENING_MAX) {
    const group = places.slice(from, from + OPENING_MAX).map(add);
    await Promise.all(group.map((client) => client.whenOpen()));
  }
}

function report() {
  const statuses = {};
  const versions = {};
  for (const { client, documentId } of clients) {
    const { status, version } = client.view;
    statuses[status.kind] = (statuses[status.kind] ?? 0) + 1;
    if (status.kind !== 'saved') continue;
    versions[documentId] = Math.min(versions[documentId] ?? Infinity, version);
  }
  process.send({ statuses, versions, away });
}

process.on('message', async (places) => {
  await open(places);
  while (process.connected) {
    report();
    await sleep(REPORT_MS);
  }
});
process.on('disconnect', () => process.exit(0));
