/** Configuration from the environment. Every value is checked before anything starts. */
import { resolve } from 'node:path';
import { defaultLimits, type Limits } from '@concord/protocol';
import { z } from 'zod';
import { logLevels, type LogLevel } from './log.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  readonly logLevel: LogLevel;
  /** Origins from which pages may connect, besides the server's own. */
  readonly origins: readonly string[];
  readonly limits: Limits;
}

/** One plain sentence about a value that cannot be used. */
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

const environmentSchema = z.object({
  PORT: wholeNumber('PORT', 0, 65_535, 8080),
  HOST: z.string().min(1, 'HOST must not be empty').default('127.0.0.1'),
  CONCORD_DATA: z.string().min(1, 'CONCORD_DATA must not be empty').default('data'),
  CONCORD_LOG_LEVEL: z
    .enum(logLevels, { error: `CONCORD_LOG_LEVEL must be one of ${logLevels.join(', ')}` })
    .default('info'),
  CONCORD_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ''))
    .refine((origins) => origins.every(isOrigin), {
      error: 'CONCORD_ORIGINS must list origins such as https://docs.example.org',
    }),
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
});

/** Throws ConfigError. Empty variables count as absent. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? '');
    throw new ConfigError(`${issue?.message}, but it is ${JSON.stringify(environment[name])}.`);
  }
  const env = parsed.data;
  return {
    port: env.PORT,
    host: env.HOST,
    dataDirectory: resolve(env.CONCORD_DATA),
    logLevel: env.CONCORD_LOG_LEVEL,
    origins: env.CONCORD_ORIGINS,
    limits: {
      ...defaultLimits,
      operationsPerSecond: env.CONCORD_OPERATIONS_PER_SECOND,
      operationsBurst: env.CONCORD_OPERATIONS_BURST,
      documentCodePoints: env.CONCORD_DOCUMENT_CHARACTERS,
    },
  };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
