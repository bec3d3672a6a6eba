/**
 * Session ids of Engine.IO that name their node, so that every node can forward the later requests of a session. A
 * digest stands for the name: safe in URLs, of one length, and without telling clients the names of hosts.
 */
import { createHash, randomBytes } from 'node:crypto';

const TAG_LENGTH = 8;
const ID_BYTES = 15;

/** What the session ids of a node begin with. */
export function tagOfNode(node: string): string {
  return createHash('sha256').update(node).digest('base64url').slice(0, TAG_LENGTH);
}

/** Makes session ids of the node. */
export function sessionIdsOf(node: string): () => string {
  const tag = tagOfNode(node);
  return () => `${tag}.${randomBytes(ID_BYTES).toString('base64url')}`;
}

/** The tag of a session id as a client sent it; null when it has none. */
export function tagOfSession(sessionId: string): string | null {
  return sessionId[TAG_LENGTH] === '.' ? sessionId.slice(0, TAG_LENGTH) : null;
}
