/** Accounts, sessions and API tokens in the REST API. */
import { z } from 'zod';
import {
  LABEL_CHARACTERS,
  NAME_CHARACTERS,
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
} from '../limits.ts';
import { tokenScopes } from '../words.ts';
import { notBlank } from './not-blank.ts';

const timeSchema = z.number().int().nonnegative();
const nameSchema = notBlank(NAME_CHARACTERS);

/** Lower case; never looks like an email address, so that one login field takes both. */
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

/** Sign-up policy of the installation, public so that pages offer what is possible. */
export const signUpModeSchema = z.enum(['open', 'invitation', 'closed']);
export type SignUpMode = z.infer<typeof signUpModeSchema>;

/** The caller's identity. `guest`: known by a cookie. `nobody`: the request had no proof of identity. */
export const meSchema = z
  .strictObject({
    kind: z.enum(['nobody', 'guest', 'account']),
    userId: z.string(),
    name: z.string(),
    userName: z.string().nullable(),
    email: z.string().nullable(),
    isAdmin: z.boolean(),
    /** Whether the account has a password; accounts with only a single sign-on have none. */
    hasPassword: z.boolean(),
    signUp: signUpModeSchema,
    /** Label of the single sign-on button; null without single sign-on. */
    singleSignOn: z.string().nullable(),
    /** Whether the caller may create documents. */
    mayCreate: z.boolean(),
  })
  .meta({ id: 'Me', description: 'Who asks, and what this installation offers.' });
export type Me = z.infer<typeof meSchema>;

/** Amount used of a quota, and its limit; null for no limit. */
const usedOfSchema = z.strictObject({
  used: z.number().int().nonnegative(),
  limit: z.number().int().nonnegative().nullable(),
});
export const usageSchema = z
  .strictObject({
    /** Documents that the caller created, including those in the trash. */
    documents: usedOfSchema,
    /** Approximate disk space of everything that the caller wrote, in all documents. */
    bytes: usedOfSchema,
    /** Limit of bytes written per day; null for no limit. */
    bytesPerDay: z.number().int().nonnegative().nullable(),
  })
  .meta({ id: 'Usage', description: 'What the one who asks has stored, and may store.' });
export type Usage = z.infer<typeof usageSchema>;

export const changeMeSchema = z
  .strictObject({
    name: nameSchema.optional(),
    /** `null` removes the address. */
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
    /** Required where sign-up is by invitation, and for the first administrator. */
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
/** The provider's sign-in page, to which the browser must go. */
export const begunSignOnSchema = z.strictObject({ location: z.url() }).meta({ id: 'BegunSignOn' });

/** The access token that pages and programs send; the refresh token is in an HttpOnly cookie. */
export const signedInSchema = z
  .strictObject({
    accessToken: z.string(),
    /** Milliseconds since 1970, by the server's clock. */
    expiresAt: timeSchema,
    /** Lifetime in milliseconds, for clients whose clock may be wrong. */
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
    /** The User-Agent header of the browser. */
    userAgent: z.string(),
    address: z.string(),
  })
  .meta({ id: 'Session', description: 'A place where an account is signed in.' });
export type AuthSession = z.infer<typeof authSessionSchema>;
export const authSessionsSchema = z
  .strictObject({ sessions: z.array(authSessionSchema) })
  .meta({ id: 'Sessions' });

export const tokenScopeSchema = z.enum(tokenScopes).meta({ id: 'TokenScope' });

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
    /** The caller's password, unless it was proved recently: a token outlives the session that makes it. */
    password: passwordSchema.optional(),
  })
  .meta({ id: 'CreateApiToken' });
/** The only response with the token: the server stores a hash. */
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
    /** User name of the account that was made with it; null while it is unused. */
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
/** The only response with the address. */
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
    /** A new password set by an administrator; ends the account's sessions. */
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
    /** Stable identifier, for programs. */
    code: z.string(),
  })
  .meta({ id: 'Problem', description: 'What happened, what is safe, what to do (RFC 9457).' });

/** Header and handshake field that identify a guest without cookies. */
export const GUEST_TOKEN_FIELD = 'guestToken';
/**
 * Header of refresh and sign-out, which pages of other origins cannot send. Its random value is the idempotency key of
 * one refresh, kept until the response arrives: it tells a retry after a lost response from a stolen token.
 */
export const ATTEMPT_HEADER = 'concord-attempt';

/**
 * Sent by the app's own pages where browsers add no `Origin`. Pages of other origins cannot send it, so it makes the
 * cookie count.
 */
export const PAGE_HEADER = 'concord-page';

/**
 * Response header of `GET /me`, with the value `new` if the request had no proof of identity. A page that gets it again,
 * although the first response set a cookie, concludes that the browser refuses cookies.
 */
export const GUEST_HEADER = 'concord-guest';
