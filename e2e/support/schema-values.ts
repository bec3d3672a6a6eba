/** Arbitraries from a JSON Schema: valid values, values at its limits, and invalid ones that must be refused. */
import fc from 'fast-check';
import { resolved, type Definitions, type JsonSchema } from './json-schema.ts';

/** Values that exist at the server, by the name of the field or parameter that takes them. */
export type Pool = Readonly<Record<string, readonly unknown[]>>;

export interface Made {
  readonly value: unknown;
  /** Whether the value has a wrong type, an unknown key or a missing key, and must be refused. */
  readonly isWrong: boolean;
}

/** Strings that often break parsing, storage, search or display. */
const nasty = [
  '', ' ', '\u0000', 'a\u0000b', '\ud800', '😀', 'e\u0301', '\u202e', '\r\n', '%', '_', '"', "'", '`', '\\',
  '../..', '%2e%2e%2f', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' OR 1=1 --",
  'NEAR(', 'a AND', '*', '"unbalanced', '(((', '{{7*7}}', '__proto__', 'constructor', 'null', '-1', '1e999',
]; // prettier-ignore

/** Valid values, except that strings may exceed their limits. */
export function valueOf(
  schema: JsonSchema,
  definitions: Definitions,
  pool: Pool,
  name = '',
): fc.Arbitrary<unknown> {
  const usual = usualValueOf(schema, definitions, pool, name);
  const existing = pool[name];
  if (existing === undefined || existing.length === 0) return usual;
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...existing) }, usual);
}

function usualValueOf(
  schema: JsonSchema,
  definitions: Definitions,
  pool: Pool,
  name: string,
): fc.Arbitrary<unknown> {
  const found = resolved(schema, definitions);
  const { type, enum: values, anyOf, properties = {}, required = [], items = {} } = found;
  if (anyOf !== undefined) {
    return fc.oneof(...anyOf.map((each) => valueOf(each, definitions, pool, name)));
  }
  if (values !== undefined) return fc.constantFrom(...values);
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return integerOf(found);
    case 'array': {
      const { minItems = 0, maxItems = 5 } = found;
      return fc.array(valueOf(items, definitions, pool, name), {
        minLength: minItems,
        maxLength: maxItems,
      });
    }
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(properties).map(([key, each]) => [
            key,
            valueOf(each, definitions, pool, key),
          ]),
        ),
        { requiredKeys: [...required] },
      );
    default:
      return stringOf(found);
  }
}

function integerOf({ minimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const least = minimum ?? -1_000;
  const most = maximum ?? Number.MAX_SAFE_INTEGER;
  return fc.oneof(
    fc.integer({ min: least, max: Math.max(least, Math.min(most, least + 1_000)) }),
    fc.constantFrom(least, most),
    // One hour from now, a valid expiry.
    fc.constant(Math.min(most, Date.now() + 3_600_000)),
  );
}

function stringOf({ minLength = 0, maxLength = 300, pattern }: JsonSchema): fc.Arbitrary<string> {
  const usual =
    pattern === undefined
      ? fc.string({ minLength, maxLength, unit: 'binary' })
      : fc.stringMatching(new RegExp(pattern, 'u'));
  return fc.oneof(
    { weight: 3, arbitrary: usual },
    fc.constantFrom('x'.repeat(minLength), 'x'.repeat(maxLength), 'x'.repeat(maxLength + 1)),
    fc.constantFrom(...nasty),
  );
}

/** A request body, valid or not. */
export function bodyValueOf(
  schema: JsonSchema,
  definitions: Definitions,
  pool: Pool,
): fc.Arbitrary<Made> {
  const right = valueOf(schema, definitions, pool).map((value) => ({ value, isWrong: false }));
  const { type, properties = {}, required = [] } = resolved(schema, definitions);
  if (type !== 'object') return right;
  const whole = valueOf(schema, definitions, pool) as fc.Arbitrary<Record<string, unknown>>;
  const wrong = (change: fc.Arbitrary<(value: Record<string, unknown>) => unknown>) =>
    fc.tuple(whole, change).map(([value, apply]) => ({ value: apply(value), isWrong: true }));
  const names = Object.keys(properties);
  const changes: fc.Arbitrary<(value: Record<string, unknown>) => unknown>[] = [
    fc.constantFrom([], 'text', 7, true).map((other) => () => other),
    fc
      .constantFrom('unknown', 'isAdmin', 'userid', 'constructor', 'toString')
      .filter((key) => !names.includes(key))
      .map((key) => (value) => ({ ...value, [key]: 'x' })),
    fc.constantFrom(...names, 'none').map((key) => (value) => ({ ...value, [key]: { $ne: null } })),
  ];
  if (required.length > 0) {
    changes.push(
      fc
        .constantFrom(...required)
        .map(
          (missing) => (value) =>
            Object.fromEntries(Object.entries(value).filter(([key]) => key !== missing)),
        ),
    );
  }
  return fc.oneof({ weight: 3, arbitrary: right }, wrong(fc.oneof(...changes)));
}

/** A parameter's value, as text for a URL or a header. */
export function parameterValueOf(
  schema: JsonSchema,
  definitions: Definitions,
  pool: Pool,
  name: string,
): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: valueOf(schema, definitions, pool, name).map(String) },
    fc.constantFrom(...nasty),
  );
}
