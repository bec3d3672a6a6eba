/**
 * How commands such as `concord backup` reach the server that has the data directory open: over loopback, with a secret
 * stored in the data directory. A user who can read that file can read the database anyway.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Backup, BackupProgress } from './backup/back-up.ts';
import { replaceFile } from '../store/sqlite/files/small-files.ts';

const CONTROL_FILE = 'concord.control';
const BODY_BYTES = 16 * 1024;

const controlSchema = z.object({ port: z.number().int(), secret: z.string().min(40) });
const orderSchema = z.union([
  z.strictObject({ backup: z.strictObject({ file: z.string().startsWith('/') }) }),
  z.strictObject({ rotateKeys: z.strictObject({ endsFormer: z.boolean() }) }),
]);
type Order = z.infer<typeof orderSchema>;
const lineSchema = z.union([
  z.object({ progress: z.object({ rows: z.number(), bytes: z.number(), table: z.string() }) }),
  z.object({ done: z.unknown() }),
  z.object({ failed: z.string() }),
]);
type Line = z.infer<typeof lineSchema>;
const madeSchema = z.object({ file: z.string(), rows: z.number(), bytes: z.number(), sha256: z.string() }); // prettier-ignore
const rotatedSchema = z.object({ endedSessions: z.number() });

export type RunBackup = (
  file: string,
  progress: (progress: BackupProgress) => void,
) => Promise<Backup>;

export interface KeysRotated {
  readonly endedSessions: number;
}

/** Operations that commands can order from a running server. */
export interface Orders {
  readonly backup: RunBackup;
  readonly rotateKeys: (endsFormer: boolean) => Promise<KeysRotated>;
}

/** A refused or failed order; the message is one plain sentence. */
export class OrderError extends Error {
  readonly code = 'order';
}

/** Accepts orders until the returned function is called. Only one server per data directory may. */
export async function takeOrders(dataDirectory: string, orders: Orders): Promise<() => void> {
  const secret = randomBytes(32).toString('base64url');
  const server = createServer((incoming, response) => {
    if (!isAllowed(incoming, secret)) return void response.writeHead(403).end();
    void carryOut(incoming, response, orders);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const file = join(dataDirectory, CONTROL_FILE);
  replaceFile(file, Buffer.from(JSON.stringify({ port, secret })));
  return () => {
    rmSync(file, { force: true });
    server.close();
    server.closeAllConnections();
  };
}

function isAllowed({ method, headers }: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  // A page can send this header only after a CORS preflight, which is never granted.
  return method === 'POST' && given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function carryOut(
  incoming: IncomingMessage,
  response: ServerResponse,
  orders: Orders,
): Promise<void> {
  const say = (line: Line): void => void response.write(`${JSON.stringify(line)}\n`);
  try {
    let body = '';
    for await (const chunk of incoming) {
      body += String(chunk);
      if (body.length > BODY_BYTES) throw new OrderError('The order is too long.');
    }
    const order = orderSchema.parse(JSON.parse(body));
    const done =
      'backup' in order
        ? await orders.backup(order.backup.file, (progress) => say({ progress }))
        : await orders.rotateKeys(order.rotateKeys.endsFormer);
    say({ done });
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
  response.end();
}

/**
 * Has the running server make a backup. Null when no server of this data directory answers.
 * Rejects with {@link OrderError}.
 */
export function orderBackup(
  dataDirectory: string,
  file: string,
  progress: (progress: BackupProgress) => void,
): Promise<Backup | null> {
  const interrupted = 'The server ended before the backup was complete. Nothing was left behind.';
  return give(dataDirectory, { backup: { file } }, { schema: madeSchema, interrupted, progress });
}

/**
 * Has the running server replace its keys. Null when no server of this data directory answers.
 * Rejects with {@link OrderError}.
 */
export function orderNewKeys(
  dataDirectory: string,
  endsFormer: boolean,
): Promise<KeysRotated | null> {
  const interrupted = 'The server ended before it said that the keys are new: run this again.';
  const expected = { schema: rotatedSchema, interrupted, progress: () => {} };
  return give(dataDirectory, { rotateKeys: { endsFormer } }, expected);
}

interface Expected<R> {
  readonly schema: z.ZodType<R>;
  readonly interrupted: string;
  readonly progress: (progress: BackupProgress) => void;
}

async function give<R>(
  dataDirectory: string,
  order: Order,
  { schema, interrupted, progress }: Expected<R>,
): Promise<R | null> {
  const path = join(dataDirectory, CONTROL_FILE);
  if (!existsSync(path)) return null;
  const control = controlSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!control.success) return null;
  const response = await post(control.data, JSON.stringify(order));
  if (response?.statusCode !== 200) return null;
  for await (const text of createInterface({ input: response })) {
    const line = lineSchema.parse(JSON.parse(text));
    if ('failed' in line) throw new OrderError(line.failed);
    if ('progress' in line) progress(line.progress);
    else return schema.parse(line.done);
  }
  throw new OrderError(interrupted);
}

/** Null when no server listens there: it was killed and left its file behind. */
function post(
  { port, secret }: z.infer<typeof controlSchema>,
  body: string,
): Promise<IncomingMessage | null> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers }, resolve);
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}
