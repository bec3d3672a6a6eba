/**
 * Which writes of the store port are refused while saving is paused for lack of disk space (StorageRoom). Still
 * accepted are writes that free space, revoke access, or let a person sign in to do so: they are small, and a store
 * keeps a reserve for them. All others, and an answer kept with any write, are refused with StoreFullError.
 *
 * The search index is derived from the texts and has disk space of its own: its writes are not listed.
 */

/** By repository and method of the port: whether the write needs disk space. */
const writes = {
  'log.append': true,
  'checkpoints.write': true,
  'checkpoints.discardAfter': true,
  'documents.createWithText': true,
  'documents.rename': true,
  'documents.setTrashed': false,
  'documents.remove': false,
  'people.setName': true,
  'access.setAnyone': false,
  'access.grant': false,
  'access.revoke': false,
  'access.addLink': true,
  'access.changeLink': false,
  'access.removeLink': false,
  'access.openLink': true,
  'documentInvitations.invite': true,
  'documentInvitations.withdraw': true,
  'documentInvitations.accept': true,
  'documentInvitations.decline': true,
  'documentInvitations.removeExpired': true,
  'library.recordVisit': true,
  'library.setStarred': true,
  'library.setFolder': true,
  'accounts.create': true,
  'accounts.change': false,
  'accounts.remove': false,
  'authSessions.create': false,
  'authSessions.rotate': false,
  'authSessions.proven': true,
  'authSessions.end': false,
  'authSessions.endAllOf': false,
  'authSessions.removeExpired': false,
  'apiTokens.create': true,
  'apiTokens.remove': false,
  'apiTokens.used': true,
  'invitations.create': true,
  'invitations.remove': false,
  'invitations.removeUnusedOfFirstStart': false,
  'keptAnswers.begin': true,
  'keptAnswers.put': true,
  'keptAnswers.removeBefore': false,
  'signingKeys.begin': false,
  'signingKeys.rotate': false,
  'signingKeys.removeRetired': false,
  'usage.keepDays': true,
  'usage.charge': true,
  'retention.setTime': false,
  secret: false,
} as const;

/** A write of the port, as `repository.method`. */
export type WriteName = keyof typeof writes;

export const writeNames = Object.keys(writes) as readonly WriteName[];

export const needsRoom = (name: WriteName): boolean => writes[name];
