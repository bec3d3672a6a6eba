/** Which bodies a request may leave out, in the API's description: where every field may be left out. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly required?: readonly string[];
}
interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly required?: boolean;
}
interface Described {
  readonly paths?: Readonly<
    Record<string, Readonly<Record<string, { readonly requestBody?: Body }>>>
  >;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** As the validator takes them (validation.ts). @param document an OpenAPI document */
export function withOptionalBodies<Document extends object>(document: Document): Document {
  const { paths = {}, components } = document as Described;
  const resolved = (schema: Schema): Schema =>
    components?.schemas?.[schema.$ref?.replace('#/components/schemas/', '') ?? ''] ?? schema;
  const mayBeLeftOut = ({ content = {} }: Body): boolean =>
    Object.values(content).every(({ schema = {} }) => {
      const { type, required = [] } = resolved(schema);
      return type === 'object' && required.length === 0;
    });
  const described = mapValues(paths, (operations) =>
    mapValues(operations, (operation) => {
      const { requestBody } = operation;
      if (requestBody === undefined || !mayBeLeftOut(requestBody)) return operation;
      return { ...operation, requestBody: { ...requestBody, required: false } };
    }),
  );
  return { ...document, paths: described };
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, map: (value: V) => R) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
