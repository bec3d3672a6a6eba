/** Headers of the answers in the API's description: which answers carry them follows from the operation. */
import { GUEST_HEADER } from '@concord/protocol';

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly in?: string; readonly name?: string }[];
  readonly responses?: Readonly<Record<string, Response>>;
}
interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: object;
}

const text = { type: 'string' };
const headers = {
  ETag: { description: 'Names this state, for `If-None-Match` and `If-Match`.', schema: text },
  Location: { description: 'Address of what was created.', schema: text },
  [GUEST_HEADER]: {
    description: 'There when this answer made the guest: the request had nothing to be known by.',
    schema: { type: 'string', enum: ['new'] },
  },
  'Concord-Version': {
    description: 'Version of the text: how many operations made it.',
    schema: { type: 'integer', minimum: 0 },
  },
  RateLimit: {
    description: 'What is left: `"<policy>";r=<requests>;t=<seconds until all are back>`.',
    schema: text,
  },
  'RateLimit-Policy': {
    description: 'What there is: `"<policy>";q=<requests>;w=<seconds>`.',
    schema: text,
  },
  'Retry-After': {
    description: 'Seconds to wait.',
    schema: { type: 'integer', minimum: 1 },
  },
} as const;
type HeaderName = keyof typeof headers;

/** @param document an OpenAPI document */
export function withResponseHeaders<Document extends object>(document: Document): Document {
  const { paths = {}, components, ...rest } = document as Described;
  const described = mapValues(paths, (operations, path) =>
    mapValues(operations, (operation) => ({
      ...operation,
      responses: mapValues(operation.responses ?? {}, (response, status) => ({
        ...response,
        headers: referencesTo(namesOf(path, operation, status)),
      })),
    })),
  );
  return { ...rest, paths: described, components: { ...components, headers } } as Document;
}

function namesOf(
  path: string,
  { operationId, parameters = [] }: Operation,
  status: string,
): HeaderName[] {
  const isText = /\/(text|snapshot)$/.test(path);
  const isConditional = parameters.some(
    ({ in: where, name = '' }) => where === 'header' && /^if-(none-)?match$/.test(name),
  );
  const names: HeaderName[] = ['RateLimit', 'RateLimit-Policy'];
  if (status === '200' && operationId === 'whoAsks') names.push(GUEST_HEADER);
  if (status === '429') names.push('Retry-After');
  if (status === '201') names.push('Location');
  if (/^(200|304|412)$/.test(status) && isConditional) names.push('ETag');
  if (/^(200|204|304)$/.test(status) && isText) names.push('Concord-Version');
  if (status === '204' && isText) names.push('ETag');
  return names;
}

function referencesTo(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function mapValues<V, R>(
  record: Readonly<Record<string, V>>,
  map: (value: V, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
