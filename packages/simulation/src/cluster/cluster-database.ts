/** What nodes ask of the database: leases, rows of owners, and logs (docs/cluster.md). */
import type { LeaseEffect, LeaseTimes, OwnershipRow } from '@concord/server';
import type { DatabaseLink, Rows, Write } from './replica-set.ts';

export interface LeaseRow {
  readonly node: string;
  readonly number: number;
  readonly isDraining: boolean;
  readonly isEnded: boolean;
  /** By the database's clock. */
  readonly endsAt: number;
}

/** An operation, known by who made it; a fence has no client. */
export interface Entry {
  readonly client: string;
  readonly seq: number;
}

/** A batch of a log. */
export interface BatchRow {
  /** Drawn by the owner for this batch. */
  readonly id: string;
  readonly epoch: number;
  readonly firstVersion: number;
  readonly entries: readonly Entry[];
}

export const fence: Entry = { client: '', seq: 0 };

const NEVER_OWNED: OwnershipRow = { epoch: 0, owner: null, head: 0 };

type Renewal = Extract<LeaseEffect, { readonly type: 'renew' }>;

export function renew(
  { leaseId, number, isDraining, mayInsert }: Renewal,
  node: string,
  { leaseMs }: LeaseTimes,
): Write<'renewed' | 'overtaken' | 'ended'> {
  return ({ lease }, nowMs) => {
    const row = lease.get(leaseId) as LeaseRow | undefined;
    if (row === undefined ? !mayInsert : row.isEnded) return { change: null, answer: 'ended' };
    // Its own write, sent a second time.
    if (row?.number === number) return { change: null, answer: 'renewed' };
    if (row !== undefined && row.number > number) return { change: null, answer: 'overtaken' };
    const value: LeaseRow = { node, number, isDraining, isEnded: false, endsAt: nowMs + leaseMs };
    return { change: { table: 'lease', key: leaseId, value }, answer: 'renewed' };
  };
}

/** @param isOwn by the node itself, before its end */
export function endLease(leaseId: string, isOwn: boolean): Write<'ended' | 'live'> {
  return ({ lease }, nowMs) => {
    const row = lease.get(leaseId) as LeaseRow | undefined;
    if (row?.isEnded === true) return { change: null, answer: 'ended' };
    if (row !== undefined && !isOwn && row.endsAt > nowMs) return { change: null, answer: 'live' };
    const missing = { node: '', number: 0, isDraining: false, endsAt: 0 };
    const value: LeaseRow = { ...(row ?? missing), isEnded: true };
    return { change: { table: 'lease', key: leaseId, value }, answer: 'ended' };
  };
}

/** Members, and leases that are over for good. */
export function membersOf({ lease }: Rows, nowMs: number) {
  const rows = [...(lease as ReadonlyMap<string, LeaseRow>)];
  return {
    live: rows
      .filter(([, { isEnded, endsAt }]) => !isEnded && endsAt > nowMs)
      .map(([leaseId, { node, isDraining }]) => ({ leaseId, node, weight: isDraining ? 0 : 1 })),
    ended: rows.filter(([, { isEnded }]) => isEnded).map(([leaseId]) => leaseId),
  };
}

export const ownerOf = ({ owner }: Rows, documentId: string): OwnershipRow =>
  (owner.get(documentId) as OwnershipRow | undefined) ?? NEVER_OWNED;

export function swapRow(
  documentId: string,
  expected: Pick<OwnershipRow, 'epoch' | 'owner'>,
  row: OwnershipRow,
): Write<'won' | 'lost'> {
  return (rows) => {
    const { epoch, owner } = ownerOf(rows, documentId);
    const isExpected = epoch === expected.epoch && owner === expected.owner;
    if (!isExpected) return { change: null, answer: 'lost' };
    return { change: { table: 'owner', key: documentId, value: row }, answer: 'won' };
  };
}

export function insertBatch(documentId: string, batch: BatchRow): Write<'written' | 'duplicate'> {
  const key = `${documentId}/${batch.firstVersion}`;
  return ({ log }) => {
    if (log.has(key)) return { change: null, answer: 'duplicate', isError: true };
    return { change: { table: 'log', key, value: batch }, answer: 'written' };
  };
}

export const batchAt = ({ log }: Rows, documentId: string, firstVersion: number): BatchRow | null =>
  (log.get(`${documentId}/${firstVersion}`) as BatchRow | undefined) ?? null;

/** The log of a document, by its batches in order. */
export function readLog(
  rows: Rows,
  documentId: string,
): { readonly entries: Entry[]; readonly epoch: number } {
  const entries: Entry[] = [];
  let epoch = 0;
  for (;;) {
    const batch = batchAt(rows, documentId, entries.length + 1);
    if (batch === null) return { entries, epoch };
    entries.push(...batch.entries);
    epoch = batch.epoch;
  }
}

export type { DatabaseLink };
