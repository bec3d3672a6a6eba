/** An OpenAPI document: its operations and their documented responses. */
import type { JsonSchema } from './json-schema.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation extends OperationObject {
  readonly method: string;
  readonly path: string;
}

export function operationsOf({ paths }: OpenApiDocument): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
}

/** Media type and schema of a request body. */
export function bodyOf({ requestBody }: Operation): { type: string; schema: JsonSchema } | null {
  for (const [type, { schema }] of Object.entries(requestBody?.content ?? {})) {
    return { type, schema };
  }
  return null;
}

/**
 * The documented body for a status and a media type: a schema; `empty` for no body; undefined if the response is not
 * documented.
 */
export function promisedBody(
  { responses }: Operation,
  status: number,
  mediaType: string | null,
): JsonSchema | 'empty' | undefined {
  const response = responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`];
  if (response === undefined) return undefined;
  if (response.content === undefined) return mediaType === null ? 'empty' : undefined;
  return mediaType === null ? undefined : response.content[mediaType]?.schema;
}
