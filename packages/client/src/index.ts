export * from './document-client-api.ts';
export * from './document-client.ts';
export { followView, newsOf, unknownView, type SteadyView } from './document-view.ts';
export * from './core/buffer.ts';
export * from './core/session.ts';
export type {
  ConnectionState,
  Selection,
  SessionEffect,
  SessionInput,
  TimerName,
} from './core/session-messages.ts';
export * from './core/status.ts';
export * from './core/replica.ts';
export * from './core/merge-copy.ts';
export * from './core/title.ts';
export * from './tabs/core/leadership.ts';
export type * from './tabs/core/leadership-io.ts';
export type { TabMessage } from './tabs/core/tab-messages.ts';
export * from './core/new-replica.ts';
export * from './core/replica-to-open.ts';
export * from './ports.ts';
export * from './adapters/memory-queue-store.ts';
export * from './core/may-write.ts';
export * from './core/merge.ts';
export * from './in-time.ts';
