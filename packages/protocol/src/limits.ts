/** Every limit of the wire, with its reason. Owner and client read them from here or from `joined`. */

/** Limits that an installation may change; sent in `joined`, so that clients can obey them. */
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
  // Twice an operation, so that the envelope always fits; small enough that parsing one message
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

/** Effects of one change: a person does one thing at a time, and what was done offline is sent in several changes. */
export const EFFECTS_PER_CHANGE = 32;
/** … and their size as JSON in UTF-8: beside the largest operation there is still room in a message. */
export const EFFECTS_BYTES = 16 * 1024;
/** What one effect may grow by while it is moved: the digits of a few positions. */
export const EFFECT_GROWTH_BYTES = 128;

/** Caret messages one session may send in a second; a client sends at most one per 100 ms. */
export const PRESENCE_PER_SECOND = 10;
/** Operations in one `operations` frame of a catch-up; more arrive in further frames. */
export const TAIL_OPERATIONS = 500;
/** … and bytes: one frame is encoded once for all joins, and written in well under a millisecond. */
export const TAIL_FRAME_BYTES = 64 * 1024;
/** A tail of up to this many bytes is sent in `joined`; a longer one in frames that all joins share. */
export const TAIL_INLINE_BYTES = 4 * 1024;
/** Bytes of a tail before the owner asks the client to resync: some 2,000 keystrokes, more than most snapshots. */
export const TAIL_BYTES = 256 * 1024;
/** … for texts longer than that: as many bytes as the text has characters, up to this. */
export const TAIL_BYTES_MAX = 1024 * 1024;
/** Operations of a tail before the owner asks the client to resync from a snapshot. */
export const TAIL_OPERATIONS_MAX = 20_000;
/** A checksum of the text travels at least this many versions apart (docs/protocol.md#divergence). */
export const CHECKSUM_EVERY_VERSIONS = 64;
/** … and this much time: in a hot document every reader would compare dozens a second (10 % of its work). */
export const CHECKSUM_INTERVAL_MS = 1_000;
/** Characters of a person's name, which is shown beside the caret. */
export const NAME_CHARACTERS = 60;
/** Characters of a document's title. */
export const TITLE_CHARACTERS = 200;
/**
 * Ids of renamings kept per document, for deduplication: enough for several people typing a title for minutes while the
 * response to one of them was lost.
 */
export const RENAMES_KNOWN = 256;
/** Characters of a folder's name. */
export const FOLDER_CHARACTERS = 80;
/** Characters of the labels of links, API tokens and invitations. */
export const LABEL_CHARACTERS = 80;
/** Characters of a search: a sentence. */
export const SEARCH_CHARACTERS = 200;
/** Different words of a search: each is looked up in every document that the person may read. */
export const SEARCH_WORDS = 12;
/** Documents that a search scans, last changed first; bounds its duration. */
export const SEARCH_DOCUMENTS_MAX = 10_000;
/** Hits in all result orders that are cached for further pages of searches: some 100 bytes each. */
export const SEARCH_ORDERS_KEPT = 200_000;
/** Queued searches of one person; the page sends one at a time. */
export const SEARCHES_WAITING_PER_PERSON = 2;
/**
 * People with a role by a document's links: each is a row of the access list in its owner's memory. For more people there
 * is "anyone who has the address", which needs no rows.
 */
export const LINK_OPENINGS_PER_DOCUMENT = 2_000;
/** Running and queued searches of one address: a class behind one router. */
export const SEARCHES_WAITING_PER_ADDRESS = 16;
/** Running and queued searches in all; more are refused as busy. */
export const SEARCHES_WAITING = 64;
/** Deadline of a search, so that the queue moves on. */
export const SEARCH_DEADLINE_MS = 5_000;
/** NIST SP 800-63B requires at least 8, against guessing. */
export const PASSWORD_CHARACTERS_MIN = 8;
/** Bounds the time of hashing. */
export const PASSWORD_CHARACTERS_MAX = 200;
/** Days that a document stays in the trash before it is purged. */
export const TRASH_DAYS = 30;
/** Polling interval of access epochs, which bounds revocation when a notification is lost; 10 s are promised. */
export const ACCESS_CHECK_MS = 4_000;
/** Connections from one address: a school behind one router (I8). */
export const CONNECTIONS_PER_ADDRESS = 2_000;
/** What a node forwards for one address at once: a connection by polling has two requests under way. */
export const FORWARDED_PER_ADDRESS = 2 * CONNECTIONS_PER_ADDRESS;
/** Burst of handshakes from one address: all its connections, after a restart of the server. */
export const HANDSHAKES_BURST = CONNECTIONS_PER_ADDRESS;
/** … and sustained: 1,500 devices whose network fails every minute; a handshake costs half a millisecond. */
export const HANDSHAKES_PER_SECOND = 25;
/** Burst of polling handshakes: few clients need them (proxies without WebSockets), and floods of them are cheap. */
export const POLLING_HANDSHAKES_BURST = 500;
export const POLLING_HANDSHAKES_PER_SECOND = 10;
/** A connection that does not join within this is closed; a slow phone needs three round trips. */
export const JOIN_DEADLINE_MS = 15_000;
/** Burst of joins of one person in one document: all tabs, when the network is back. */
export const JOINS_BURST = 20;
/** … and sustained: a client on a bad network rejoins every few seconds at most. */
export const JOINS_PER_SECOND = 2;
/** Joins from one address, burst and sustained: as with handshakes, plus rejoins after lost frames. */
export const JOINS_PER_ADDRESS_BURST = CONNECTIONS_PER_ADDRESS;
export const JOINS_PER_ADDRESS_PER_SECOND = 50;
/** Token bucket of operations per address, as a multiple of one person's. */
export const WRITERS_PER_ADDRESS = 40;
/** Queued frames of one reader; beyond it the connection is closed, and the client rejoins. */
export const OUTBOX_FRAMES_MAX = 2_000;
/** … and bytes: four times the largest tail. */
export const OUTBOX_BYTES_MAX = 4 * 1024 * 1024;
/** Queued bytes of one address's readers; beyond it no further tail is sent to that address (back-pressure). */
export const WAITING_BYTES_PER_ADDRESS = 16 * 1024 * 1024;
/** … and of all readers; beyond it the readers furthest behind, of the address with most bytes, are closed. */
export const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Memory of all open documents before those without sessions are released: hundreds of long ones. */
export const DOCUMENT_MEMORY_BYTES = 192 * 1024 * 1024;
/** Connections of one person: one per open document and tab. */
export const CONNECTIONS_PER_USER = 200;
/** Sessions of one document: four times a writer with five hundred readers. */
export const SESSIONS_PER_DOCUMENT = 2_000;
/** People listed in `people`; of more only the number is sent, or arrivals would cost quadratic traffic. */
export const PEOPLE_LISTED = 100;
/** Interval of the heartbeat with the head version to idle sessions, by which lost frames are noticed (I9). */
export const HEARTBEAT_MS = 5_000;
/** Acknowledgement timeout after which the client rejoins; well above a slow disk or phone network. */
export const ACKNOWLEDGEMENT_TIMEOUT_MS = 10_000;
