import type { LinkRole } from '@concord/protocol';

/** What a link can give, least first. */
export const linkRoles: readonly LinkRole[] = ['viewer', 'commenter', 'editor'];
