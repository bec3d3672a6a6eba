/** Closed sets of words of the wire and the store. Their schemas are beside those of the messages that carry them. */

/** Roles in a document. */
export const roles = ['owner', 'editor', 'commenter', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Roles that a link can grant; never owner. */
export const linkRoles = ['viewer', 'commenter', 'editor'] as const;
export type LinkRole = (typeof linkRoles)[number];

/** Role of anyone who only knows the document's address; `off` for none. */
export const anyoneAccesses = ['off', 'viewer', 'commenter', 'editor'] as const;
export type AnyoneAccess = (typeof anyoneAccesses)[number];

export const tokenScopes = ['documents:read', 'documents:write', 'sharing', 'account'] as const;
export type TokenScope = (typeof tokenScopes)[number];
