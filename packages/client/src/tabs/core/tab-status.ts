/** What the status line says while the lead changes hands within a browser, which is no news to the person. */
import type { DocumentStatus } from '../../document-client-api.ts';

/**
 * Of a tab that leads, and may not have been connected yet.
 * @param own its session's
 * @param former the former leader's
 */
export function statusWhileTaking(
  own: DocumentStatus,
  former: DocumentStatus,
  unsent: number,
): DocumentStatus {
  if (own.kind !== 'opening' || former.kind === 'opening' || former.kind === 'stopped') return own;
  return unsent > 0 ? { kind: 'saving', slow: false } : former;
}

/**
 * Of a tab that mirrors: the leader's, which knows nothing of what was typed here and is not saved (durable first).
 * @param unsent with what was typed here
 */
export function statusWithTyped(
  leaders: DocumentStatus,
  isTyped: boolean,
  unsent: number,
): DocumentStatus {
  if (!isTyped) return leaders;
  switch (leaders.kind) {
    case 'saved':
    case 'merged':
      return { kind: 'saving', slow: false };
    case 'offline':
    case 'reconnecting':
    case 'syncing':
    case 'notKept':
      return { ...leaders, unsent };
    default:
      return leaders;
  }
}
