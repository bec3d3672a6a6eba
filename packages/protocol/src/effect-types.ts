/**
 * The types of effects that this version knows, on the server and in clients: none yet. Whoever registers one also raises
 * PROTOCOL_VERSION, adds a step to the schema of the store, so that no older server opens a log that has them, and has the
 * snapshot over HTTP tell the state: until then it tells the text alone (docs/protocol.md#effects).
 */
import { EffectTypes } from '@concord/ot';

export const effectTypes = new EffectTypes([]);
