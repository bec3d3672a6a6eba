/** The cores under test, injected into the world: production, scaled, or mutants. */
import type {
  ClientSession,
  Leadership,
  mergeCopy,
  newReplica,
  replicaToOpen,
  statusOf,
} from '@concord/client';
import type { composeAll, DocumentText } from '@concord/ot';
import type {
  AppendAttempt,
  DocumentOwner,
  leaseTimes,
  NodeLease,
  OwnershipTable,
  preferredMember,
  renamed,
} from '@concord/server';
import type { EffectTools } from './mark-types.ts';

export interface Cores {
  readonly ClientSession: typeof ClientSession;
  readonly Leadership: typeof Leadership;
  readonly statusOf: typeof statusOf;
  readonly newReplica: typeof newReplica;
  readonly replicaToOpen: typeof replicaToOpen;
  readonly mergeCopy: typeof mergeCopy;
  readonly renamed: typeof renamed;
  readonly DocumentOwner: typeof DocumentOwner;
  readonly AppendAttempt: typeof AppendAttempt;
  readonly NodeLease: typeof NodeLease;
  readonly leaseTimes: typeof leaseTimes;
  readonly OwnershipTable: typeof OwnershipTable;
  readonly preferredMember: typeof preferredMember;
  readonly DocumentText: typeof DocumentText;
  readonly composeAll: typeof composeAll;
  readonly effectTools: EffectTools;
}
