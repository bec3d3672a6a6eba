/** Every limit of the wire, with its reason. Owner and client read them from here or from `joined`. */

/** Limits that an installation may change; they travel in `joined`, so that a client can obey them. */
export interface Limits {
  /** One Socket.IO message. */
  readonly messageBytes: number;
  /** One operation as JSON in UTF-8. */
  readonly operationBytes: number;
  /** Components of one operation. */
  readonly operationComponents: number;
  /** Length of one document's text. */
  readonly documentCodePoints: number;
  /** Operations that one session may submit, sustained and at once. */
  readonly operationsPerSecond: number;
  readonly operationsBurst: number;
}

export const defaultLimits: Limits = {
  // Twice an operation, so that the envelope never decides; small enough that parsing one message
  // takes well under a millisecond (I8).
  messageBytes: 128 * 1024,
  // A page of text is 3 KB; larger pastes are split by the client before they are frozen.
  operationBytes: 64 * 1024,
  // Transform costs the sum of both operations' components; a thousand keeps it under a millisecond.
  operationComponents: 1_000,
  // Two million characters is a long book; folding and diffing it stays under 10 ms.
  documentCodePoints: 2 * 1024 * 1024,
  // A person makes at most 20 batches of keystrokes a second (one per 50 ms); the rest is for reconnects.
  operationsPerSecond: 50,
  operationsBurst: 200,
};

/** Caret messages one session may send in a second; a client sends at most one per 100 ms. */
export const PRESENCE_PER_SECOND = 10;
/** Operations in one `operations` frame of a catch-up; more arrive in further frames. */
export const TAIL_OPERATIONS = 500;
/** … and bytes: one frame is encoded once for all who join, and written in well under a millisecond. */
export const TAIL_FRAME_BYTES = 64 * 1024;
/** A tail of up to this many bytes comes along in `joined`; a longer one in frames that joiners share. */
export const TAIL_INLINE_BYTES = 4 * 1024;
/** Bytes of a tail before the owner asks the client to resync: some 2,000 keystrokes, more than most snapshots. */
export const TAIL_BYTES = 256 * 1024;
/** … of a text that is longer than those: as many bytes as it has characters, and no more than this. */
export const TAIL_BYTES_MAX = 1024 * 1024;
/** Tail a join may bring before the owner asks the client to resync from a snapshot. */
export const TAIL_OPERATIONS_MAX = 20_000;
/** A checksum of the text travels at least this many versions apart (docs/protocol.md#divergence). */
export const CHECKSUM_EVERY_VERSIONS = 64;
/** … and this much time: in a hot document every reader would compare dozens a second (10 % of its work). */
export const CHECKSUM_INTERVAL_MS = 1_000;
/** Characters of a person's name: it stands beside a caret. */
export const NAME_CHARACTERS = 60;
/** Characters of a document's title. */
export const TITLE_CHARACTERS = 200;
/**
 * Renamings of one document whose ids are known: several people typing a title without a pause for minutes, while the
 * answer to one of them was lost.
 */
export const RENAMES_KNOWN = 256;
/** Characters of a folder's name. */
export const FOLDER_CHARACTERS = 80;
/** Characters of what links, API tokens and invitations are called. */
export const LABEL_CHARACTERS = 80;
/** Characters of a search: a sentence. */
export const SEARCH_CHARACTERS = 200;
/** Different words of a search: each is looked up in every document that the person may read. */
export const SEARCH_WORDS = 12;
/** Documents a search goes through, those that changed last first; more would take longer than anyone waits. */
export const SEARCH_DOCUMENTS_MAX = 10_000;
/** Hits in all orders that are kept for the next page of a search: some 100 bytes each. */
export const SEARCH_ORDERS_KEPT = 200_000;
/** Searches of one person that wait for the one before; the page sends one at a time. */
export const SEARCHES_WAITING_PER_PERSON = 2;
/**
 * People who have a role in a document by its links: each is a row of the access list that its owner holds in memory.
 * For more there is "anyone who has the address", which keeps no list.
 */
export const LINK_OPENINGS_PER_DOCUMENT = 2_000;
/** Searches from one address under way and waiting: a class behind one router. */
export const SEARCHES_WAITING_PER_ADDRESS = 16;
/** Searches of everybody under way and waiting; beyond it the server is busy. */
export const SEARCHES_WAITING = 64;
/** A search that is not answered within this is given up, so that those behind it get their turn. */
export const SEARCH_DEADLINE_MS = 5_000;
/** Fewer would be guessed (NIST SP 800-63B asks for 8). */
export const PASSWORD_CHARACTERS_MIN = 8;
/** More would only cost time to hash. */
export const PASSWORD_CHARACTERS_MAX = 200;
/** Days a document stays in the trash before it is deleted for ever. */
export const TRASH_DAYS = 30;
/** Revocation and downgrade reach a live session within this, even when a notification is lost; 10 s are promised. */
export const ACCESS_CHECK_MS = 4_000;
/** Connections from one address: a school behind one router, and no more (I8). */
export const CONNECTIONS_PER_ADDRESS = 2_000;
/** Handshakes of one address at once: as many as it may have connections, after a restart of the server. */
export const HANDSHAKES_BURST = CONNECTIONS_PER_ADDRESS;
/** … and sustained: a class of 1,500 whose network comes and goes, every minute; each costs half a millisecond. */
export const HANDSHAKES_PER_SECOND = 25;
/** Handshakes by polling: the way of few, behind proxies without WebSockets, and the cheapest to send many of. */
export const POLLING_HANDSHAKES_BURST = 500;
export const POLLING_HANDSHAKES_PER_SECOND = 10;
/** A connection must join within this, or it is closed: a slow phone needs three round trips. */
export const JOIN_DEADLINE_MS = 15_000;
/** Joins of one person in one document at once: every tab, after the network came back. */
export const JOINS_BURST = 20;
/** … and sustained: a client on a bad network joins again every few seconds at most. */
export const JOINS_PER_SECOND = 2;
/** Joins of one address at once, and sustained: as with handshakes, and clients join again after a lost frame. */
export const JOINS_PER_ADDRESS_BURST = CONNECTIONS_PER_ADDRESS;
export const JOINS_PER_ADDRESS_PER_SECOND = 50;
/** Persons who may write at their full rate behind one address: 40 times what one person may do. */
export const WRITERS_PER_ADDRESS = 40;
/** Frames that wait for one reader: beyond it the reader is cut, and joins again. */
export const OUTBOX_FRAMES_MAX = 2_000;
/** … and bytes: the largest tail four times. */
export const OUTBOX_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes that wait for readers of one address: until some are read, nobody there is sent another tail. */
export const WAITING_BYTES_PER_ADDRESS = 16 * 1024 * 1024;
/** … and for all readers together: beyond it those are cut who are furthest behind, of the address that has most. */
export const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** What open documents may take together before those that nobody is in leave memory: hundreds of long ones. */
export const DOCUMENT_MEMORY_BYTES = 192 * 1024 * 1024;
/** Connections of one person: every open document in every tab has one. */
export const CONNECTIONS_PER_USER = 200;
/** Sessions of one document: one writer and five hundred readers, with room to spare. */
export const SESSIONS_PER_DOCUMENT = 2_000;
/** People named to everybody; beyond that only their number, or arrivals would cost the square of the room. */
export const PEOPLE_LISTED = 100;
/** The owner tells idle sessions the head version this often, so that a lost frame is noticed (I9). */
export const HEARTBEAT_MS = 5_000;
/** Without an acknowledgement for this long the client rejoins; well above a slow disk or phone network. */
export const ACKNOWLEDGEMENT_TIMEOUT_MS = 10_000;
