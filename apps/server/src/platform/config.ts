/** Configuration from the environment. Every value is checked before anything starts. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import {
  DOCUMENT_MEMORY_BYTES,
  defaultLimits,
  signUpModeSchema,
  type Limits,
  type SignUpMode,
} from '@concord/protocol';
import { z } from 'zod';
import { logLevels, type LogLevel } from './log.ts';

/** Null for no limit. */
export interface PersonQuota {
  readonly documents: number | null;
  readonly bytes: number | null;
  readonly bytesPerDay: number | null;
}

export interface QuotaLimits {
  readonly guest: PersonQuota;
  readonly account: PersonQuota;
  /** For all guests of one address together; all its accounts together get ten times as much. */
  readonly addressBytesPerDay: number | null;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  /** Address of the MongoDB server that has everything, with credentials; null for files in the data directory. */
  readonly databaseUrl: string | null;
  /** Where `concord migrate` moves everything, with credentials; null when its command line says it. */
  readonly migrateTo: string | null;
  readonly logLevel: LogLevel;
  /** Origins from which pages may connect, besides the server's own; includes that of the public URL. */
  readonly origins: readonly string[];
  readonly limits: Limits;
  /** Who may make an account. */
  readonly signUp: SignUpMode;
  /** Whether people without an account may create documents. */
  readonly guestsMayCreate: boolean;
  /** Addresses and networks (CIDR) of proxies whose forwarding headers are trusted. */
  readonly trustedProxies: readonly string[];
  /** Origin under which browsers reach this server; null: derived from each request. */
  readonly publicUrl: string | null;
  /** The OpenID Connect provider; null for none. */
  readonly singleSignOn: SingleSignOnConfig | null;
  /** Scheduled backups; null for none. */
  readonly backups: BackupConfig | null;
  /**
   * Reads by the REST API of one account, or of one address without account, in a minute; writes half of it,
   * searches a fifth, creating a tenth.
   */
  readonly requestsPerMinute: number;
  /** Bearer token of `/metrics`; null: they are for this machine alone. */
  readonly metricsToken: string | null;
  /** Collector of traces (OTLP over HTTP), without a path; null for no tracing. */
  readonly otlpUrl: string | null;
  /** How long a page is signed in without asking again whether its session is alive. */
  readonly accessTokenSeconds: number;
  /** Bytes that stay free on the disk of the data directory; null for a part of its size, 0 for no check. */
  readonly diskReserveBytes: number | null;
  /** Memory of open documents, in bytes, above which those without sessions are evicted. */
  readonly documentMemoryBytes: number;
  readonly quotas: QuotaLimits;
  /** This server among those that share a database. */
  readonly node: NodeConfig;
}

export interface NodeConfig {
  /** No two that run at a time may have the same; the same after a restart. */
  readonly name: string;
  /** Origin at which the others reach it; null: made of host and port. */
  readonly address: string | null;
  /** Origin at which browsers reach this very node; null when they reach only all of them together. */
  readonly publicUrl: string | null;
  /** How many documents it gets, in proportion to the others. */
  readonly weight: number;
  /** A node that cannot renew its lease for so long has lost it, and another takes its documents over. */
  readonly leaseMs: number;
}

export interface BackupConfig {
  readonly directory: string;
  readonly everyMs: number;
  /** How many of the newest backups are kept. */
  readonly keep: number;
}

export interface SingleSignOnConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Label of the button. */
  readonly name: string;
}

/** A setting cannot be used; the message is one plain sentence. */
export class ConfigError extends Error {
  readonly code = 'config';
}

const wholeNumber = (name: string, from: number, to: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `${name} must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, {
      error: `${name} must be a whole number from ${from} to ${to}`,
    })
    .default(fallback);

/** Schema of a quota; 0 and `unlimited` mean no limit. */
const quota = (name: string, fallback: number) =>
  z
    .string()
    .regex(/^(\d{1,9}|unlimited)$/, `${name} must be a whole number, or unlimited`)
    .transform((text) => (text === 'unlimited' || Number(text) === 0 ? null : Number(text)))
    .default(fallback);

const megabytes = (number: number | null): number | null =>
  number === null ? null : number * 1024 * 1024;

const list = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

const environmentSchema = z.object({
  PORT: wholeNumber('PORT', 0, 65_535, 8080),
  HOST: z.string().min(1, 'HOST must not be empty').default('127.0.0.1'),
  CONCORD_DATA: z.string().min(1, 'CONCORD_DATA must not be empty').default('data'),
  CONCORD_STORE: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/\S+$/, {
      error: 'CONCORD_STORE must be an address such as mongodb://user:password@host:27017/concord',
    })
    .optional(),
  CONCORD_MIGRATE_TO: z.string().optional(),
  CONCORD_LOG_LEVEL: z
    .enum(logLevels, { error: `CONCORD_LOG_LEVEL must be one of ${logLevels.join(', ')}` })
    .default('info'),
  CONCORD_ORIGINS: z
    .string()
    .default('')
    .transform(list)
    .refine((origins) => origins.every(isOrigin), {
      error: 'CONCORD_ORIGINS must list origins such as https://docs.example.org',
    })
    .transform((origins) => origins.map(originOf)),
  CONCORD_OPERATIONS_PER_SECOND: wholeNumber(
    'CONCORD_OPERATIONS_PER_SECOND',
    1,
    1_000_000,
    defaultLimits.operationsPerSecond,
  ),
  CONCORD_OPERATIONS_BURST: wholeNumber(
    'CONCORD_OPERATIONS_BURST',
    1,
    1_000_000,
    defaultLimits.operationsBurst,
  ),
  CONCORD_DOCUMENT_CHARACTERS: wholeNumber(
    'CONCORD_DOCUMENT_CHARACTERS',
    1_000,
    16 * 1024 * 1024,
    defaultLimits.documentCodePoints,
  ),
  CONCORD_SIGN_UP: z
    .enum(signUpModeSchema.options, {
      error: `CONCORD_SIGN_UP must be one of ${signUpModeSchema.options.join(', ')}`,
    })
    .default('open'),
  CONCORD_GUESTS: z
    .enum(['on', 'off'], { error: 'CONCORD_GUESTS must be on or off' })
    .default('on'),
  CONCORD_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(list)
    .refine((proxies) => proxies.every(isAddressOrNetwork), {
      error: 'CONCORD_TRUSTED_PROXIES must list addresses or networks such as 10.0.0.0/8',
    }),
  CONCORD_PUBLIC_URL: z
    .string()
    .refine(isOrigin, 'CONCORD_PUBLIC_URL must be an origin such as https://docs.example.org')
    .transform(originOf)
    .optional(),
  CONCORD_BACKUP_DIRECTORY: z.string().optional(),
  CONCORD_BACKUP_EVERY: wholeNumber('CONCORD_BACKUP_EVERY', 1, 8_760, 24),
  CONCORD_BACKUP_KEEP: wholeNumber('CONCORD_BACKUP_KEEP', 1, 10_000, 7),
  CONCORD_OIDC_ISSUER: z
    .string()
    .refine(isIssuer, 'CONCORD_OIDC_ISSUER must be the https address of an OpenID Connect provider')
    .optional(),
  CONCORD_OIDC_CLIENT_ID: z.string().optional(),
  CONCORD_OIDC_CLIENT_SECRET: z.string().optional(),
  CONCORD_OIDC_NAME: z
    .string()
    .trim()
    .min(1, 'CONCORD_OIDC_NAME must not be empty')
    .max(60, 'CONCORD_OIDC_NAME must have at most 60 characters')
    .default('Single sign-on'),
  CONCORD_ACCESS_TOKEN_SECONDS: wholeNumber('CONCORD_ACCESS_TOKEN_SECONDS', 20, 900, 900),
  CONCORD_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, {
      error: 'CONCORD_METRICS_TOKEN must have 16 to 200 characters without spaces',
    })
    .optional(),
  CONCORD_OTLP_URL: z
    .string()
    .refine(isWebAddress, 'CONCORD_OTLP_URL must be an address such as http://localhost:4318')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(
      isWebAddress,
      'OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as http://localhost:4318',
    )
    .optional(),
  CONCORD_GUEST_DOCUMENTS: quota('CONCORD_GUEST_DOCUMENTS', 500),
  CONCORD_GUEST_MB: quota('CONCORD_GUEST_MB', 256),
  CONCORD_GUEST_MB_PER_DAY: quota('CONCORD_GUEST_MB_PER_DAY', 22),
  CONCORD_ACCOUNT_DOCUMENTS: quota('CONCORD_ACCOUNT_DOCUMENTS', 20_000),
  CONCORD_ACCOUNT_MB: quota('CONCORD_ACCOUNT_MB', 10_240),
  CONCORD_ACCOUNT_MB_PER_DAY: quota('CONCORD_ACCOUNT_MB_PER_DAY', 2_048),
  CONCORD_ADDRESS_MB_PER_DAY: quota('CONCORD_ADDRESS_MB_PER_DAY', 640),
  CONCORD_DISK_RESERVE: z
    .string()
    .regex(
      /^(\d{1,8}|unlimited)$/,
      'CONCORD_DISK_RESERVE must be a whole number of megabytes, or 0 for no reserve',
    ) // prettier-ignore
    .transform((megabytes) => (megabytes === 'unlimited' ? 0 : Number(megabytes) * 1024 * 1024))
    .optional(),
  CONCORD_DOCUMENT_MEMORY: wholeNumber(
    'CONCORD_DOCUMENT_MEMORY',
    1,
    1_000_000,
    DOCUMENT_MEMORY_BYTES / 1024 ** 2,
  ),
  CONCORD_REQUESTS_PER_MINUTE: wholeNumber('CONCORD_REQUESTS_PER_MINUTE', 60, 10_000_000, 1_200),
  CONCORD_NODE: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, {
      error: 'CONCORD_NODE must be a name of up to 63 letters, digits, dots and hyphens',
    })
    .default(nodeNameOf(hostname())),
  CONCORD_NODE_ADDRESS: z
    .string()
    .refine(isOrigin, 'CONCORD_NODE_ADDRESS must be an origin such as http://10.0.0.5:8080')
    .transform(originOf)
    .refine((origin) => !origin.startsWith('https:'), {
      error:
        'CONCORD_NODE_ADDRESS must begin with http://, not https://: this server listens without TLS, and nodes reach each ' +
        'other directly over a network that only they use. Name it by its address there, such as http://10.0.0.5:8080; ' +
        'where that network is not private, encrypt it below HTTP (WireGuard, for instance)',
    })
    .optional(),
  CONCORD_NODE_URL: z
    .string()
    .refine(isOrigin, 'CONCORD_NODE_URL must be an origin such as https://node1.docs.example.org')
    .transform(originOf)
    .optional(),
  CONCORD_NODE_WEIGHT: wholeNumber('CONCORD_NODE_WEIGHT', 1, 1_000, 1),
  CONCORD_NODE_LEASE_MS: wholeNumber('CONCORD_NODE_LEASE_MS', 1_000, 60_000, 2_500),
});

/** Their values are not repeated in messages. */
const secretNames: ReadonlySet<string> = new Set([
  ...['CONCORD_STORE', 'CONCORD_METRICS_TOKEN'],
  ...['CONCORD_OTLP_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
]);

/** Throws ConfigError. Empty variables count as absent. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? '');
    if (secretNames.has(name)) throw new ConfigError(`${issue?.message}.`);
    throw new ConfigError(`${issue?.message}, but it is ${JSON.stringify(environment[name])}.`);
  }
  const env = parsed.data;
  const publicUrl = env.CONCORD_PUBLIC_URL ?? null;
  return {
    port: env.PORT,
    host: env.HOST,
    dataDirectory: resolve(env.CONCORD_DATA),
    databaseUrl: env.CONCORD_STORE ?? null,
    migrateTo: env.CONCORD_MIGRATE_TO ?? null,
    logLevel: env.CONCORD_LOG_LEVEL,
    origins: [...env.CONCORD_ORIGINS, ...(publicUrl === null ? [] : [publicUrl])],
    limits: {
      ...defaultLimits,
      operationsPerSecond: env.CONCORD_OPERATIONS_PER_SECOND,
      operationsBurst: env.CONCORD_OPERATIONS_BURST,
      documentCodePoints: env.CONCORD_DOCUMENT_CHARACTERS,
    },
    signUp: env.CONCORD_SIGN_UP,
    guestsMayCreate: env.CONCORD_GUESTS === 'on',
    trustedProxies: env.CONCORD_TRUSTED_PROXIES,
    publicUrl,
    singleSignOn: singleSignOnOf(env),
    backups: backupsOf(env),
    requestsPerMinute: env.CONCORD_REQUESTS_PER_MINUTE,
    metricsToken: env.CONCORD_METRICS_TOKEN ?? null,
    otlpUrl: env.CONCORD_OTLP_URL ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    accessTokenSeconds: env.CONCORD_ACCESS_TOKEN_SECONDS,
    quotas: {
      guest: {
        documents: env.CONCORD_GUEST_DOCUMENTS,
        bytes: megabytes(env.CONCORD_GUEST_MB),
        bytesPerDay: megabytes(env.CONCORD_GUEST_MB_PER_DAY),
      },
      account: {
        documents: env.CONCORD_ACCOUNT_DOCUMENTS,
        bytes: megabytes(env.CONCORD_ACCOUNT_MB),
        bytesPerDay: megabytes(env.CONCORD_ACCOUNT_MB_PER_DAY),
      },
      addressBytesPerDay: megabytes(env.CONCORD_ADDRESS_MB_PER_DAY),
    },
    diskReserveBytes: env.CONCORD_DISK_RESERVE ?? null,
    documentMemoryBytes: env.CONCORD_DOCUMENT_MEMORY * 1024 ** 2,
    node: {
      name: env.CONCORD_NODE,
      address: env.CONCORD_NODE_ADDRESS ?? null,
      publicUrl: env.CONCORD_NODE_URL ?? null,
      weight: env.CONCORD_NODE_WEIGHT,
      leaseMs: env.CONCORD_NODE_LEASE_MS,
    },
  };
}

function backupsOf(env: z.infer<typeof environmentSchema>): BackupConfig | null {
  if (env.CONCORD_BACKUP_DIRECTORY === undefined) return null;
  if (env.CONCORD_STORE !== undefined) {
    throw new ConfigError(
      'CONCORD_BACKUP_DIRECTORY is for files in the data directory: back a database up with its own tools.',
    );
  }
  return {
    directory: resolve(env.CONCORD_BACKUP_DIRECTORY),
    everyMs: env.CONCORD_BACKUP_EVERY * 3_600_000,
    keep: env.CONCORD_BACKUP_KEEP,
  };
}

/** All three, or none of them. */
function singleSignOnOf(env: z.infer<typeof environmentSchema>): SingleSignOnConfig | null {
  const {
    CONCORD_OIDC_ISSUER: issuer,
    CONCORD_OIDC_CLIENT_ID: clientId,
    CONCORD_OIDC_CLIENT_SECRET: clientSecret,
    CONCORD_OIDC_NAME: name,
  } = env;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return null;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    throw new ConfigError(
      'CONCORD_OIDC_ISSUER, CONCORD_OIDC_CLIENT_ID and CONCORD_OIDC_CLIENT_SECRET belong together, but one of them is missing.',
    );
  }
  if (env.CONCORD_PUBLIC_URL === undefined) {
    throw new ConfigError(
      'Single sign-on needs CONCORD_PUBLIC_URL: without it, where the provider sends people back would be up to the request.',
    );
  }
  return { issuer, clientId, clientSecret, name };
}

/** Also accepts capitals, an explicit default port and a trailing slash, which mean the same origin. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^\s/?#@\\]+\/?$/i.test(text) && URL.canParse(text);
}

/** A host may have characters in its name that a node may not. */
function nodeNameOf(host: string): string {
  const name = host.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+/, '');
  return name.slice(0, 63) || 'node';
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** As browsers write it. */
function originOf(text: string): string {
  return new URL(text).origin;
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}

/** The provider must be reached by https, except on this machine, where no network is passed. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** @param hostname of a URL: an IPv6 address is in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
