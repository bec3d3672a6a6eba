import type { LinkRole } from '@concord/protocol';

/** Roles that a link can grant, in ascending order. */
export const linkRoles: readonly LinkRole[] = ['viewer', 'commenter', 'editor'];
