import { may, type Role } from '@concord/protocol';

/** Whether the text may be changed; while the role is not known, it may: edits wait on the device (bounded owner). */
export function mayWrite(role: Role | null): boolean {
  return role === null || may(role, 'write');
}
