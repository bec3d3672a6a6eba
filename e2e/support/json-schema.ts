/** Validator for the JSON Schema keywords that the OpenAPI document uses. Other keywords throw. */

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

const known = new Set([
  '$ref', 'type', 'enum', 'anyOf', 'properties', 'required', 'additionalProperties', 'propertyNames',
  'items', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'default',
  'description',
]); // prettier-ignore

export type Definitions = Readonly<Record<string, JsonSchema>>;

/** Resolves references. Throws on unsupported keywords. */
export function resolved(schema: JsonSchema, definitions: Definitions): JsonSchema {
  const unknown = Object.keys(schema).filter((keyword) => !known.has(keyword));
  if (unknown.length > 0) throw new Error(`Not understood in a schema: ${unknown.join(', ')}`);
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.replace('#/components/schemas/', '');
  const found = definitions[name];
  if (found === undefined) throw new Error(`There is no schema ${schema.$ref}`);
  return resolved(found, definitions);
}

/** Where and why a value is not what the schema says; empty when it is. */
export function faultsOf(
  value: unknown,
  schema: JsonSchema,
  definitions: Definitions,
  where = '$',
): string[] {
  const { type, enum: values, anyOf, ...rest } = resolved(schema, definitions);
  if (anyOf !== undefined) {
    const fits = anyOf.some((each) => faultsOf(value, each, definitions).length === 0);
    return fits ? [] : [`${where} fits none of ${anyOf.length}`];
  }
  if (values !== undefined && !values.includes(value))
    return [`${where} is not in the enumeration`];
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0 && !types.some((each) => isOfType(value, each))) {
    return [`${where} is not of type ${types.join(', ')}`];
  }
  if (typeof value === 'string') return faultsOfString(value, rest, where);
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = rest;
    return value < minimum || value > maximum ? [`${where} is out of range`] : [];
  }
  if (Array.isArray(value)) {
    const { items = {}, minItems = 0, maxItems = Infinity } = rest;
    if (value.length < minItems || value.length > maxItems) return [`${where} has another length`];
    return value.flatMap((each, index) => faultsOf(each, items, definitions, `${where}[${index}]`));
  }
  if (typeof value === 'object' && value !== null) {
    return faultsOfObject(value, rest, definitions, where);
  }
  return [];
}

function faultsOfString(value: string, schema: JsonSchema, where: string): string[] {
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  if (value.length < minLength || value.length > maxLength) return [`${where} has another length`];
  const fits = pattern === undefined || new RegExp(pattern, 'u').test(value);
  return fits ? [] : [`${where} does not match ${pattern}`];
}

function faultsOfObject(
  value: object,
  { properties = {}, required = [], additionalProperties = true }: JsonSchema,
  definitions: Definitions,
  where: string,
): string[] {
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${where}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, each]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (own !== undefined) return faultsOf(each, own, definitions, `${where}.${name}`);
      if (additionalProperties === false) return [`${where}.${name} is not expected`];
      if (additionalProperties === true) return [];
      return faultsOf(each, additionalProperties, definitions, `${where}.${name}`);
    }),
  ];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
