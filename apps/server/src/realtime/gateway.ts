/** What the parts of the gateway share. */
import type { MovedMessage, RefusalCode, ServerMessage } from '@concord/protocol';
import type { AccountServices } from '../accounts/account-services.ts';
import type { Authenticator } from '../access/principal.ts';
import type { DocumentRegistry } from '../documents/document-registry.ts';
import type { OperationTraces } from '../documents/operation-traces.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { FewLines } from '../platform/few-lines.ts';
import type { Guard } from '../platform/guard.ts';
import type { LimitState } from '../platform/limits/limit-state.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { Store } from '../store/ports/store.ts';
import type { GatewayBudgets } from './gateway-budgets.ts';

export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  /** Whether the client tries again by itself; false when left out. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

export interface Gateway {
  readonly documents: DocumentRegistry;
  /** Say whose connections end. */
  readonly events: Pick<DomainEvents, 'subscribe'>;
  readonly store: Store;
  readonly authenticator: Authenticator;
  readonly services: Pick<AccountServices, 'quotas'>;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** Errors that a peer can cause as often as it likes. */
  readonly fewLines: FewLines;
  readonly guard: Guard;
  readonly budgets: GatewayBudgets;
  /** Null when nothing is traced. */
  readonly traces: OperationTraces | null;
  readonly limitState: Pick<LimitState, 'handshakes' | 'joins' | 'connections'>;
  send(session: number, message: ServerMessage): void;
  /** Tells the session why it is over, and ends it. */
  refuse(session: number, refusal: Refusal): void;
  /** Sends the session to another node, and ends it. */
  move(session: number, moved: MovedMessage): void;
  isConnected(session: number): boolean;
}
