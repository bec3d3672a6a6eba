/** A version and the operation that produced it, as text: for headers and addresses. */
import { operationIdentitySchema, type OperationIdentity } from './client-messages.ts';

export interface Head extends OperationIdentity {
  readonly version: number;
}

/** `<version>.<client id>.<number>.<time>` */
export function formatHead({ version, clientId, seq, at }: Head): string {
  return [version, clientId, seq, at].join('.');
}

/** Null if the text is not a formatted head. */
export function parseHead(text: string): Head | null {
  const parts = text.split('.');
  const [version, clientId, seq, at] = parts;
  if (parts.length !== 4 || !isCount(version) || !isCount(seq) || !isCount(at)) return null;
  const identity = operationIdentitySchema.safeParse({
    clientId,
    seq: Number(seq),
    at: Number(at),
  });
  if (!identity.success || !Number.isSafeInteger(Number(version))) return null;
  return { version: Number(version), ...identity.data };
}

const isCount = (part: string | undefined): boolean => /^\d+$/.test(part ?? '');
