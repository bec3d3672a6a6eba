/**
 * Every schema with a name comes twice, as what is sent and as what is answered, used or not. What is not used is
 * left out, and where both would be the same, or only one is used, there is one under the plain name.
 */
import { isDeepStrictEqual } from 'node:util';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface Components {
  readonly schemas?: Readonly<Record<string, Json>>;
}

const PREFIX = '#/components/schemas/';
const INPUT = 'Input';

/** @param document an OpenAPI document: JSON */
export function tidyComponents<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as { readonly components?: Components };
  const schemas = components?.schemas ?? {};
  const used = usedNames(rest, schemas);
  const renamed = new Map<string, string>();
  for (const name of used) {
    const plain = name.endsWith(INPUT) ? name.slice(0, -INPUT.length) : name;
    if (plain === name) continue;
    const isSame = isDeepStrictEqual(plainly(schemas[name]), plainly(schemas[plain]));
    if (!used.has(plain) || isSame) renamed.set(name, plain);
  }
  const kept = [...used].sort().map((name) => [renamed.get(name) ?? name, schemas[name]] as const);
  const tidy = { ...rest, components: { ...components, schemas: Object.fromEntries(kept) } };
  return withNames(tidy as Json, renamed) as Document;
}

/** Names that are referred to, by the rest of the document or by schemas that are. */
function usedNames(rest: Json, schemas: Readonly<Record<string, Json>>): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (value: Json | undefined): void => {
    for (const name of namesIn(value)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(schemas[name]);
    }
  };
  visit(rest);
  return used;
}

function namesIn(value: Json | undefined): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each: Json) => namesIn(each));
  return Object.entries(value).flatMap(([key, each]) =>
    key === '$ref' && typeof each === 'string' && each.startsWith(PREFIX)
      ? [each.slice(PREFIX.length)]
      : namesIn(each),
  );
}

/** With every reference to what is sent as one to what is answered. */
function plainly(value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined;
  const names = namesIn(value).filter((name) => name.endsWith(INPUT));
  return withNames(value, new Map(names.map((name) => [name, name.slice(0, -INPUT.length)])));
}

function withNames(value: Json, renamed: ReadonlyMap<string, string>): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => withNames(each, renamed));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key !== '$ref' || typeof each !== 'string' || !each.startsWith(PREFIX)) {
        return [key, withNames(each, renamed)];
      }
      const name = each.slice(PREFIX.length);
      return [key, PREFIX + (renamed.get(name) ?? name)];
    }),
  );
}
