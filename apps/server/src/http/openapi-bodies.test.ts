import { expect, it } from 'vitest';
import { withOptionalBodies } from './openapi-bodies.ts';

const asking = (schema: object) => ({
  post: { requestBody: { required: true, content: { 'application/json': { schema } } } },
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

it('a body may be left out where every field may be, and nowhere else', () => {
  const { paths } = withOptionalBodies({
    paths: {
      free: asking({ type: 'object', properties: { title: { type: 'string' } } }),
      named: asking(ref('Free')),
      bound: asking(ref('Bound')),
      text: asking({ type: 'string' }),
      none: { get: { summary: 'Read' } },
    },
    components: {
      schemas: { Free: { type: 'object' }, Bound: { type: 'object', required: ['login'] } },
    },
  });
  const isRequired = Object.fromEntries(
    Object.entries(paths).map(([path, each]) => [
      path,
      'post' in each ? each.post.requestBody.required : null,
    ]),
  );
  expect(isRequired).toEqual({ free: false, named: false, bound: true, text: true, none: null });
});
