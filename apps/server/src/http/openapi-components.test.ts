import { expect, it } from 'vitest';
import { tidyComponents } from './openapi-components.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

it('keeps one of each name that is used, under its plain name', () => {
  const thing = { type: 'object', properties: { part: ref('Part') } };
  const thingInput = { type: 'object', properties: { part: ref('PartInput') } };
  const part = { type: 'string' };
  const tidy = tidyComponents({
    paths: { a: { request: ref('ThingInput'), response: ref('Thing') }, b: [ref('OrderInput')] },
    components: {
      securitySchemes: { bearer: {} },
      schemas: {
        Thing: thing,
        ThingInput: thingInput,
        Part: part,
        PartInput: part,
        Order: { type: 'number' },
        OrderInput: { type: 'integer' },
        Unused: {},
        UnusedInput: {},
      },
    },
  });
  expect(tidy).toEqual({
    paths: { a: { request: ref('Thing'), response: ref('Thing') }, b: [ref('Order')] },
    components: {
      securitySchemes: { bearer: {} },
      schemas: { Thing: thing, Part: part, Order: { type: 'integer' } },
    },
  });
});

it('keeps both where what is sent is not what is answered', () => {
  const schemas = { Size: { type: 'number' }, SizeInput: { type: 'string' } };
  const document = {
    paths: { request: ref('SizeInput'), response: ref('Size') },
    components: { schemas },
  };
  expect(tidyComponents(document)).toEqual(document);
});

it('follows schemas that refer to themselves', () => {
  const schemas = { Tree: { children: { items: ref('Tree') } } };
  const document = { paths: ref('Tree'), components: { schemas } };
  expect(tidyComponents(document)).toEqual(document);
});
