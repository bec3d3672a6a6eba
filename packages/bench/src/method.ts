import { MERGE_METHOD } from './merge/merge-table.ts';

/** How the figures are measured, and their limits; part of docs/benchmarks.md. */
export const METHOD = `## Method

- **Sides.** Concord is \`apps/server\` as it is started by its command, with its SQLite store on a disk:
  an edit counts as acknowledged when it is synced to the disk. ShareDB is its own server over \`ws\` with
  \`ot-text-unicode\` and its memory store, which keeps nothing across a restart. Each server and each load
  generator has its own process; all four run on this machine, and only one side is loaded at a time.
- **Clients.** *Own library*: Concord's client as the editor uses it, and ShareDB's \`Connection\` and \`Doc\`,
  each with a full copy of the text. *Bare*: a client of either protocol that parses every frame and keeps
  version and length, but no text, so that the libraries do not decide. All clients of a side share one
  process, so that times are taken by one clock.
- **Load.** Texts of 10,000 ASCII characters. A client inserts a word of 7 characters near its caret, which
  jumps now and then; one edit in three deletes 14, so that texts keep their length. The sequence comes from
  a seed, the same for both sides. Closed loop: the next edit follows the acknowledgement of the one before.
- **Figures.** Both sides alternate (A B B A …) with fresh documents and clients; warm-up is left out; every
  figure is the median of the repetitions. *Acknowledged*: from the edit to its acknowledgement. *Visible*: from
  the edit until another client's text holds it (bare: until another client has received it), over all other
  clients of the document. *Server CPU*: processor time of all its threads, and how busy its event loop was.
  *Load*: processor time of the load generator. Where the load generator takes a whole core, the server could
  have done more; server CPU per 1,000 edits says how much.
- **Checked.** At the end of every repetition all clients of a document must hold the same text
  (bare: the same version and length), or the run fails.
- **Opening.** From making a client until the newest text is there, connection included. Concord's server was killed
  and started again before each, so that the document comes from the disk (through the kernel's page cache):
  the last checkpoint, and the 778 operations after it. ShareDB loses its memory at a restart; its number is a
  fetch from memory, built by writing the operations straight into its store. Both processes were warmed up
  with a small document.
- **Forwarding.** Two servers of Concord in one process, over a store in memory; two bare clients, each in a document of its own,
  one at the node that has both documents, one at the other node. They make one edit in turn, after the
  acknowledgement of the one before.
- **Memory.** 100 connections per document, joined and silent. Growth of the server process after 200
  connections came and went, garbage collected before both readings.
${MERGE_METHOD}
- **Hostile guests.** Concord alone, with its own limits. Ten people type in one document, five times a second each; a
  guest in another process sends every kind of allowed and expensive request at its rate limit, in ten loops: joins with
  the whole log, fifty joins at once, composed operations over a log of 300 operations with a thousand components each,
  searches, texts of 1 MB with an old base, new documents, openings of a link, handshakes, readers who do not read.
  Beside it, ten such guests from ten addresses. Each of the three runs twice (A B C C B A) with a fresh server; figures
  are of both runs together. The hostile guests have a low priority, since attackers would have their own machines.
  Resident memory is sampled twice a second, stalls of the event loop at 10 ms. *Of its own work*: the longest turn of
  the event loop in CPU time of its thread, so that other processes do not count; and the number of turns over 20 ms.
- **Readers at once.** From one address, each without a replica: joins, fetches the snapshot, joins again, and is done
  when it has the newest version. Refused readers retry after the time that the server told them.
- **On MongoDB.** Concord with its store on MongoDB, ShareDB with sharedb-mongo, both at one database server with
  \`w: majority\` and \`j: true\`, and Concord with its SQLite store beside them, in turn. What a durable insert costs
  there with nothing beside it is measured first, by its own program: no acknowledgement can be faster.
- **On several nodes.** One, two and three nodes over one database, all on this machine with the database and the load, so that
  the cores are the bound: throughput cannot grow there as it would on machines of their own, but the processor time of an
  edit on all nodes and the database can be compared. Bare clients connect to the nodes in turn, so that of N nodes
  (N - 1)/N of the connections are forwarded. Then documents that a client each has open are counted by their owner in the
  database, before and after a node joins or leaves: *needlessly* are those that moved between two other nodes.
- **What a page loads.** Gzipped scripts, styles and the page itself, in KB of 1000 bytes: everything without which the
  page cannot be used. All of it is in the service worker's store after the first visit.

## Not comparable

- ShareDB's memory store gives no durability at all; Concord's numbers include it.
- Concord's limit of operations per session is raised out of the way; ShareDB has none.
- Concord speaks Socket.IO; every connection is of an account and proves it by an access token, every message is
  checked against the document's access list, validated and counted. ShareDB trusts its clients.
- With two clients in closed loop every edit waits for a sync of the disk of its own: edits per second are
  bounded by the disk, not by the server, and a peer that syncs nothing is ahead.
- One writer as fast as acknowledged with 500 readers: one load process reads all 501 connections, and the
  writer's acknowledgement waits its turn among them on either side.
- Neither side sends carets here.
- Hocuspocus and ShareDB keep the merged text in memory; Concord has synced it to the disk by the time it counts.
`;
