/** Accounts, sessions and API tokens in the REST API. */
import { z } from 'zod';
import {
  LABEL_CHARACTERS,
  NAME_CHARACTERS,
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
} from '../limits.ts';
import { notBlank } from './not-blank.ts';

const timeSchema = z.number().int().nonnegative();
const nameSchema = notBlank(NAME_CHARACTERS);

/** Lower case; a user name never looks like an email address, so that one field takes both. */
export const userNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{1,38}$/, {
    error: 'must have 2 to 39 letters, digits, dots, dashes or underscores, and begin with a letter or digit', // prettier-ignore
  });
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(200)
  .regex(/^[^\s@]+@[^\s@]+$/, { error: 'must be an email address' });
export const newPasswordSchema = z.string().min(PASSWORD_CHARACTERS_MIN).max(PASSWORD_CHARACTERS_MAX); // prettier-ignore
const passwordSchema = z.string().min(1).max(PASSWORD_CHARACTERS_MAX);

/** How one becomes a person here; told to everybody, so that the page shows what is possible. */
export const signUpModeSchema = z.enum(['open', 'invitation', 'closed']);
export type SignUpMode = z.infer<typeof signUpModeSchema>;

/** Who asks. `guest`: known by a cookie. `nobody`: this request said nothing. */
export const meSchema = z
  .strictObject({
    kind: z.enum(['nobody', 'guest', 'account']),
    userId: z.string(),
    name: z.string(),
    userName: z.string().nullable(),
    email: z.string().nullable(),
    isAdmin: z.boolean(),
    /** Whether a password can be given: not for accounts of a single sign-on alone. */
    hasPassword: z.boolean(),
    signUp: signUpModeSchema,
    /** What the button of the single sign-on says; null when there is none. */
    singleSignOn: z.string().nullable(),
    /** Whether the one who asks may create documents. */
    mayCreate: z.boolean(),
  })
  .meta({ id: 'Me', description: 'Who asks, and what this installation offers.' });
export type Me = z.infer<typeof meSchema>;

/** What somebody uses of something, and the most they may; null for no limit. */
const usedOfSchema = z.strictObject({
  used: z.number().int().nonnegative(),
  limit: z.number().int().nonnegative().nullable(),
});
export const usageSchema = z
  .strictObject({
    /** That one created; the trash included. */
    documents: usedOfSchema,
    /** That one's writing costs on the server's disk, in whichever document, about. */
    bytes: usedOfSchema,
    /** Of bytes, in a day; null for no limit. */
    bytesPerDay: z.number().int().nonnegative().nullable(),
  })
  .meta({ id: 'Usage', description: 'What the one who asks has stored, and may store.' });
export type Usage = z.infer<typeof usageSchema>;

export const changeMeSchema = z
  .strictObject({
    name: nameSchema.optional(),
    /** `null` takes the address away. */
    email: emailSchema.nullable().optional(),
  })
  .meta({ id: 'ChangeMe' });
export type ChangeMe = z.infer<typeof changeMeSchema>;

export const signUpSchema = z
  .strictObject({
    userName: userNameSchema,
    email: emailSchema.optional(),
    name: nameSchema.optional(),
    password: newPasswordSchema,
    /** Needed where sign-up is by invitation, and for the first administrator. */
    invitation: z.string().max(100).optional(),
  })
  .meta({ id: 'SignUp' });
export type SignUp = z.infer<typeof signUpSchema>;

export const signInSchema = z
  .strictObject({ login: notBlank(200), password: passwordSchema })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof signInSchema>;

export const beginSignOnSchema = z
  .strictObject({
    /** Path of the page to show afterwards. */
    returnTo: z.string().max(2_000).optional(),
    /** For a new account where sign-up is by invitation. */
    invitation: z.string().max(100).optional(),
  })
  .meta({ id: 'BeginSignOn' });
export type BeginSignOn = z.infer<typeof beginSignOnSchema>;
/** Where the browser is to go: the sign-in page of the provider. */
export const begunSignOnSchema = z.strictObject({ location: z.url() }).meta({ id: 'BegunSignOn' });

/** The refresh token is in a cookie that scripts cannot read; this is what pages and programs send. */
export const signedInSchema = z
  .strictObject({
    accessToken: z.string(),
    /** Milliseconds since 1970, by the server's clock. */
    expiresAt: timeSchema,
    /** Milliseconds from now, for clients whose clock may be wrong. */
    livesMs: timeSchema,
    sessionId: z.string(),
    userId: z.string(),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof signedInSchema>;

export const changePasswordSchema = z
  .strictObject({ current: passwordSchema.optional(), next: newPasswordSchema })
  .meta({ id: 'ChangePassword' });
export const deleteAccountSchema = z
  .strictObject({ password: passwordSchema.optional() })
  .meta({ id: 'DeleteAccount' });

export const authSessionSchema = z
  .strictObject({
    id: z.string(),
    isCurrent: z.boolean(),
    createdAt: timeSchema,
    lastUsedAt: timeSchema,
    expiresAt: timeSchema,
    /** Browser and system, as the browser says. */
    userAgent: z.string(),
    address: z.string(),
  })
  .meta({ id: 'Session', description: 'A place where an account is signed in.' });
export type AuthSession = z.infer<typeof authSessionSchema>;
export const authSessionsSchema = z
  .strictObject({ sessions: z.array(authSessionSchema) })
  .meta({ id: 'Sessions' });

export const tokenScopes = ['documents:read', 'documents:write', 'sharing', 'account'] as const;
export const tokenScopeSchema = z.enum(tokenScopes).meta({ id: 'TokenScope' });
export type TokenScope = z.infer<typeof tokenScopeSchema>;

export const apiTokenSchema = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    scopes: z.array(tokenScopeSchema),
    createdAt: timeSchema,
    lastUsedAt: timeSchema.nullable(),
    expiresAt: timeSchema.nullable(),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof apiTokenSchema>;
export const apiTokensSchema = z
  .strictObject({ tokens: z.array(apiTokenSchema) })
  .meta({ id: 'ApiTokens' });
export const createApiTokenSchema = z
  .strictObject({
    label: notBlank(LABEL_CHARACTERS),
    scopes: z.array(tokenScopeSchema).min(1).max(tokenScopes.length),
    expiresAt: timeSchema.optional(),
    /** One's own, when it was not asked for lately: a token outlives the session that makes it. */
    password: passwordSchema.optional(),
  })
  .meta({ id: 'CreateApiToken' });
/** The only answer that holds the token: the server keeps a hash of it. */
export const createdApiTokenSchema = apiTokenSchema
  .extend({ token: z.string() })
  .meta({ id: 'CreatedApiToken' });
export type CreatedApiToken = z.infer<typeof createdApiTokenSchema>;

export const invitationSchema = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    isAdmin: z.boolean(),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    /** User name of whoever used it; null while nobody did. */
    usedBy: z.string().nullable(),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof invitationSchema>;
export const invitationsSchema = z
  .strictObject({ invitations: z.array(invitationSchema) })
  .meta({ id: 'Invitations' });
export const createInvitationSchema = z
  .strictObject({
    label: z.string().trim().max(LABEL_CHARACTERS).optional(),
    isAdmin: z.boolean().optional(),
  })
  .meta({ id: 'CreateInvitation' });
/** The only answer that holds the address. */
export const createdInvitationSchema = invitationSchema
  .extend({ url: z.string().meta({ description: 'Path: `/sign-up#<invitation>`.' }) })
  .meta({ id: 'CreatedInvitation' });
export type CreatedInvitation = z.infer<typeof createdInvitationSchema>;

export const accountSchema = z
  .strictObject({
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    isAdmin: z.boolean(),
    isDisabled: z.boolean(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Account', description: 'An account as administrators see it.' });
export type Account = z.infer<typeof accountSchema>;
export const accountsSchema = z
  .strictObject({ accounts: z.array(accountSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'Accounts' });
export const changeAccountSchema = z
  .strictObject({
    isAdmin: z.boolean().optional(),
    isDisabled: z.boolean().optional(),
    /** A password set by an administrator, for somebody who forgot theirs; ends the account's sessions. */
    password: newPasswordSchema.optional(),
  })
  .meta({ id: 'ChangeAccount' });

/** RFC 9457. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    /** Stable, for programs. */
    code: z.string(),
  })
  .meta({ id: 'Problem', description: 'What happened, what is safe, what to do (RFC 9457).' });

/** Header and handshake field by which a program without cookies says which guest it is. */
export const GUEST_TOKEN_FIELD = 'guestToken';
/**
 * Header of refresh and sign-out: pages of other origins cannot send it. Its value is chosen anew for each
 * refresh and kept until the answer came: by it a lost answer is told from a stolen token.
 */
export const ATTEMPT_HEADER = 'concord-attempt';

/**
 * Sent by the app's own pages where browsers add no `Origin`; pages of other origins cannot send it, so that
 * the cookie beside it counts.
 */
export const PAGE_HEADER = 'concord-page';

/**
 * Header of answers to `GET /me`: there, with the value `new`, when the request carried nothing to know the guest by.
 * A page that gets it again, although the first answer gave a cookie, knows that the browser refuses cookies.
 */
export const GUEST_HEADER = 'concord-guest';
