/** Every delivered operation is in the log, identical, at its version (I1, durable first). */
import type { CommittedOperation, ServerMessage } from '@concord/protocol';
import type { LoggedOperation } from '@concord/server';
import { must } from './invariant-error.ts';
import type { SimulatedStore } from './simulated-store.ts';

export function checkDelivery(message: ServerMessage, store: SimulatedStore): void {
  switch (message.type) {
    case 'operations':
      return checkOperations(message.body.firstVersion, message.body.operations, store);
    case 'joined': {
      // Only the client knows where the tail begins; it is checked there, by the resulting text.
      const { version, tail } = message.body;
      must(version <= store.head, 'I1', () => `joined at ${version}, the log is at ${store.head}`);
      must(tail.length <= version, 'I3', () => `${tail.length} operations lead to ${version}`);
      return;
    }
    case 'head':
    case 'resync': {
      const { version } = message.body;
      must(version <= store.head, 'I1', () => `told of ${version}, the log is at ${store.head}`);
      return;
    }
    default:
      return;
  }
}

function checkOperations(
  firstVersion: number,
  operations: readonly CommittedOperation[],
  store: SimulatedStore,
): void {
  for (const [index, operation] of operations.entries()) {
    const version = firstVersion + index;
    const row = store.row(version);
    must(row !== undefined, 'I1', () => `version ${version} was delivered before it was durable`);
    if (row === undefined) return;
    const isSame =
      operation.op === undefined
        ? isAcknowledgementOf(operation, JSON.parse(row) as LoggedOperation)
        : JSON.stringify(operation) === row;
    must(isSame, 'I1', () => `version ${version} was delivered as ${JSON.stringify(operation)}`);
  }
}

function isAcknowledgementOf(told: CommittedOperation, logged: LoggedOperation): boolean {
  return told.clientId === logged.clientId && told.seq === logged.seq && told.at === logged.at;
}
