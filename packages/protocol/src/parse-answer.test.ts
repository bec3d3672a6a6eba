import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseAnswer } from './parse-answer.ts';

const person = z.strictObject({ name: z.string() });
const list = z.strictObject({ people: z.array(person), total: z.int() });

it('an answer with fields of a newer server is read without them, at every depth', () => {
  const answer = { people: [{ name: 'Ann', color: 'red' }, { name: 'Bob' }], total: 2, next: null };
  expect(parseAnswer(list, answer)).toEqual({
    people: [{ name: 'Ann' }, { name: 'Bob' }],
    total: 2,
  });
  expect(answer.people[0]).toHaveProperty('color');
});

it('an answer that lacks a field, or has one of another type, is refused in spite of unknown fields', () => {
  expect(() => parseAnswer(list, { people: [], next: null })).toThrow(z.ZodError);
  expect(() => parseAnswer(list, { people: [], total: '2', next: null })).toThrow(z.ZodError);
});
