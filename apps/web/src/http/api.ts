/** The REST API as the page uses it. */
import {
  GUEST_HEADER,
  documentPath,
  documentSchema,
  meSchema,
  parseAnswer,
  type AnswerSchema,
  type ChangeMe,
  type CreateDocument,
  type DocumentId,
  type DocumentResource,
  type Me,
  type RenameId,
} from '@concord/protocol';
import { accessToken } from './access-token.ts';
import { ownChanges } from './own-changes.ts';

/** A problem from the server (`application/problem+json`), or no response at all (`network`, status 0). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.status = status;
  }
}

/** Request timeout; the person is told and can try again. */
const TIMEOUT_MS = 20_000;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request is completed even when the page unloads. */
  readonly keepalive?: boolean;
  /** Called with the headers of a successful response. */
  readonly onHeaders?: (headers: Headers) => void;
}

/**
 * Sends a request to the REST API with the access token, if the person is signed in.
 * @param path after `/api/v1`
 * @param schema of the response; null for one without a body
 * Rejects with an {@link ApiError}.
 */
export async function request(path: string, schema: null, options?: RequestOptions): Promise<null>;
export async function request<T>(
  path: string,
  schema: AnswerSchema<T>,
  options?: RequestOptions,
): Promise<T>;
export async function request<T>(
  path: string,
  schema: AnswerSchema<T> | null,
  options: RequestOptions = {},
): Promise<T | null> {
  let response = await send(path, options, await currentToken());
  let answer: unknown = await response.json().catch(() => null);
  if (response.status === 401 && tokenCodes.has(codeOf(answer))) {
    const token = await newToken();
    // Signed out meanwhile: a request of the account must not be repeated as a guest.
    if (token !== null) {
      response = await send(path, options, token);
      answer = await response.json().catch(() => null);
    }
  }
  if (!response.ok) {
    const { detail } = (answer ?? {}) as { detail?: string };
    throw new ApiError(
      codeOf(answer) ?? 'unknown',
      response.status,
      detail ?? `The server answered with ${response.status}`,
    );
  }
  options.onHeaders?.(response.headers);
  return schema === null ? null : parseAnswer(schema, answer);
}

/** Codes of an invalid access token: refreshing may return a new one, or end the session. */
const tokenCodes: ReadonlySet<string | undefined> = new Set([
  'tokenExpired',
  'signedOut',
  'invalidToken',
]);
const codeOf = (answer: unknown): string | undefined => (answer as { code?: string } | null)?.code;

const noAnswer = (cause: unknown): ApiError =>
  new ApiError('network', 0, 'The server did not answer', { cause });

const currentToken = (): Promise<string | null> =>
  accessToken.token().catch((error: unknown) => {
    throw noAnswer(error);
  });
const newToken = (): Promise<string | null> =>
  accessToken.refresh().catch((error: unknown) => {
    throw noAnswer(error);
  });

async function send(
  path: string,
  { method = 'GET', body, headers = {}, keepalive = false }: RequestOptions,
  token: string | null,
): Promise<Response> {
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      keepalive,
      headers: {
        ...headers,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw noAnswer(error);
  }
}

/** Creates a document with a client-chosen id; idempotent. */
export function putDocument(
  id: DocumentId,
  document: CreateDocument = {},
): Promise<DocumentResource> {
  return ownChanges.make(id, {}, () =>
    request(`/documents/${id}`, documentSchema, { method: 'PUT', body: document }),
  );
}

export function getDocument(id: DocumentId): Promise<DocumentResource> {
  return request(`/documents/${id}`, documentSchema);
}

/** Idempotent by `renameId`. */
export function renameDocument(
  id: DocumentId,
  rename: { readonly title: string; readonly base: string; readonly renameId: RenameId },
  options: { readonly keepalive?: boolean } = {},
): Promise<DocumentResource> {
  const { title } = rename;
  return ownChanges.make(id, { title, url: documentPath(id, title) }, () =>
    request(`/documents/${id}`, documentSchema, { method: 'PATCH', body: rename, ...options }),
  );
}

export function getMe(): Promise<Me> {
  return request('/me', meSchema);
}

/** As {@link getMe}; `isNew` if the request carried no identification, so that the server created a guest. */
export async function getMeAnew(): Promise<{ readonly me: Me; readonly isNew: boolean }> {
  let isNew = false;
  const onHeaders = (headers: Headers): void => void (isNew = headers.get(GUEST_HEADER) === 'new');
  const me = await request('/me', meSchema, { onHeaders });
  return { me, isNew };
}

export function changeMe(change: ChangeMe): Promise<Me> {
  return request('/me', meSchema, { method: 'PATCH', body: change });
}
