/** The REST API as the page uses it. */
import {
  documentListSchema,
  documentSchema,
  meSchema,
  type CreateDocument,
  type DocumentId,
  type DocumentResource,
  type Me,
} from '@concord/protocol';

/** The server's `application/problem+json`, or that there was no answer at all (`network`, status 0). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.status = status;
  }
}

/** A slow server is as good as none after this long; people see that and can try again. */
const TIMEOUT_MS = 20_000;

interface Schema<T> {
  parse(value: unknown): T;
}

interface Body {
  readonly method: 'POST' | 'PATCH';
  readonly body: object;
  /** The request is sent even when the page goes away. */
  readonly keepalive?: boolean;
}

async function request<T>(path: string, schema: Schema<T>, change?: Body): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(change === undefined
        ? {}
        : {
            method: change.method,
            body: JSON.stringify(change.body),
            headers: { 'content-type': 'application/json' },
            keepalive: change.keepalive ?? false,
          }),
    });
  } catch (error) {
    throw new ApiError('network', 0, 'The server did not answer', { cause: error });
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const { code, detail } = (answer ?? {}) as { code?: string; detail?: string };
    throw new ApiError(
      code ?? 'unknown',
      response.status,
      detail ?? `The server answered with ${response.status}`,
    );
  }
  return schema.parse(answer);
}

/** Documents that this guest created or opened, newest change first. */
export async function listDocuments(): Promise<readonly DocumentResource[]> {
  return (await request('/documents', documentListSchema)).documents;
}

export function createDocument(document: CreateDocument = {}): Promise<DocumentResource> {
  return request('/documents', documentSchema, { method: 'POST', body: document });
}

export function getDocument(id: DocumentId): Promise<DocumentResource> {
  return request(`/documents/${id}`, documentSchema);
}

export function renameDocument(
  id: DocumentId,
  title: string,
  options: { readonly keepalive?: boolean } = {},
): Promise<DocumentResource> {
  return request(`/documents/${id}`, documentSchema, {
    method: 'PATCH',
    body: { title },
    ...options,
  });
}

export function getMe(): Promise<Me> {
  return request('/me', meSchema);
}

export function renameMe(name: string): Promise<Me> {
  return request('/me', meSchema, { method: 'PATCH', body: { name } });
}
