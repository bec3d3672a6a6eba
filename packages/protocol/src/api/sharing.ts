/** Sharing in the REST API: people, invitations and links of a document. */
import { z } from 'zod';
import { documentIdSchema } from '../client-messages.ts';
import { LABEL_CHARACTERS, PASSWORD_CHARACTERS_MAX } from '../limits.ts';
import { newPasswordSchema } from './accounts.ts';
import { roleSchema } from '../role-schema.ts';
import { linkRoles } from '../words.ts';
import { notBlank } from './not-blank.ts';

const timeSchema = z.number().int().nonnegative();

/** 128 random bits in lower-case base32. */
export const linkIdSchema = z.string().regex(/^[a-z2-7]{26}$/);
export const shareTokenSchema = z.string().regex(/^[a-z2-7]{26}$/);

export const linkRoleSchema = z.enum(linkRoles).meta({ id: 'LinkRole' });

export const accessPersonSchema = z
  .strictObject({
    userId: z.string(),
    name: z.string(),
    /** Null for a guest. */
    userName: z.string().nullable(),
    role: roleSchema,
  })
  .meta({ id: 'AccessPerson', description: 'A person with a role of their own in a document.' });
export type AccessPerson = z.infer<typeof accessPersonSchema>;

/** The same whether the invited login exists or not, and whether the invitation was declined. */
export const documentInvitationSchema = z
  .strictObject({
    id: linkIdSchema,
    /** The login or user id that the owner invited. */
    invited: z.string(),
    role: roleSchema,
    createdAt: timeSchema,
    expiresAt: timeSchema,
  })
  .meta({ id: 'DocumentInvitation', description: 'Open: not accepted so far.' });
export type DocumentInvitation = z.infer<typeof documentInvitationSchema>;

export const accessPeopleSchema = z
  .strictObject({
    people: z.array(accessPersonSchema),
    invited: z.array(documentInvitationSchema),
  })
  .meta({ id: 'AccessPeople' });
export type AccessPeople = z.infer<typeof accessPeopleSchema>;

/** An invitation as the invited person sees it. */
export const receivedInvitationSchema = z
  .strictObject({
    id: linkIdSchema,
    title: z.string(),
    role: roleSchema,
    /** The inviting person; `userName` is null for a guest. */
    from: z.strictObject({ name: z.string(), userName: z.string().nullable() }),
    createdAt: timeSchema,
    expiresAt: timeSchema,
  })
  .meta({ id: 'ReceivedInvitation' });
export type ReceivedInvitation = z.infer<typeof receivedInvitationSchema>;
export const receivedInvitationsSchema = z
  .strictObject({ invitations: z.array(receivedInvitationSchema) })
  .meta({ id: 'ReceivedInvitations' });
export const acceptedInvitationSchema = z
  .strictObject({
    documentId: documentIdSchema,
    /** Path of the document's page. */
    url: z.string(),
  })
  .meta({ id: 'AcceptedInvitation' });
export type AcceptedInvitation = z.infer<typeof acceptedInvitationSchema>;

/** Either `login`, an account's user name or email address, or `userId`, which may be a guest's. */
export const addPersonSchema = z
  .strictObject({
    login: notBlank(200).optional(),
    userId: z.string().min(1).max(100).optional(),
    role: roleSchema,
  })
  .meta({ id: 'AddPerson' });
export type AddPerson = z.infer<typeof addPersonSchema>;
export const changePersonSchema = z.strictObject({ role: roleSchema }).meta({ id: 'ChangePerson' });

export const shareLinkSchema = z
  .strictObject({
    id: linkIdSchema,
    role: linkRoleSchema,
    label: z.string(),
    hasPassword: z.boolean(),
    createdAt: timeSchema,
    /** Null for never. */
    expiresAt: timeSchema.nullable(),
    /** Number of people who opened it. */
    people: z.number().int().nonnegative(),
  })
  .meta({ id: 'ShareLink', description: 'A link that gives a role to people who open it.' });
export type ShareLink = z.infer<typeof shareLinkSchema>;
export const shareLinksSchema = z
  .strictObject({ shareLinks: z.array(shareLinkSchema) })
  .meta({ id: 'ShareLinks' });

export const createShareLinkSchema = z
  .strictObject({
    role: linkRoleSchema,
    label: z.string().trim().max(LABEL_CHARACTERS).optional(),
    password: newPasswordSchema.optional(),
    expiresAt: timeSchema.optional(),
  })
  .meta({ id: 'CreateShareLink' });
export type CreateShareLink = z.infer<typeof createShareLinkSchema>;

/** The only response with the address: the server stores a hash. */
export const createdShareLinkSchema = shareLinkSchema
  .extend({ url: z.string().meta({ description: 'Path of the link: `/s/<token>`.' }) })
  .meta({ id: 'CreatedShareLink' });
export type CreatedShareLink = z.infer<typeof createdShareLinkSchema>;

/** `null` removes the password or the expiry. A new password must be entered again by people who opened the link. */
export const changeShareLinkSchema = z
  .strictObject({
    role: linkRoleSchema.optional(),
    label: z.string().trim().max(LABEL_CHARACTERS).optional(),
    password: newPasswordSchema.nullable().optional(),
    expiresAt: timeSchema.nullable().optional(),
  })
  .meta({ id: 'ChangeShareLink' });
export type ChangeShareLink = z.infer<typeof changeShareLinkSchema>;

export const openShareLinkSchema = z
  .strictObject({
    token: shareTokenSchema,
    password: z.string().max(PASSWORD_CHARACTERS_MAX).optional(),
  })
  .meta({ id: 'OpenShareLink' });
export const openedShareLinkSchema = z
  .strictObject({
    documentId: documentIdSchema,
    role: linkRoleSchema,
    /** Path of the document's page. */
    url: z.string(),
  })
  .meta({ id: 'OpenedShareLink' });
export type OpenedShareLink = z.infer<typeof openedShareLinkSchema>;
