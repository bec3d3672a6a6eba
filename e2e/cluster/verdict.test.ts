import { expect, it } from 'vitest';
import type { Typist } from './typist.ts';
import { flawless, judge } from './verdict.ts';

function person(name: string, lines: readonly string[], removed: readonly string[], text: string) {
  const about = { name, lines: new Set(lines), removed: new Set(removed), client: { text } };
  return about as unknown as Typist;
}

it('a text with every line once, and none that was taken back, is flawless', () => {
  const text = 'a.0: lease\nb.0: ring\n';
  const people = [
    person('a', ['a.0: lease'], ['a.1:'], text),
    person('b', ['b.0: ring'], [], text),
  ];
  expect(judge(text, people)).toEqual(flawless);
});

it('lines that are missing, doubled, back or changed, and people with another text, are named', () => {
  const text = 'a.0: lease\na.0: lease\na.1:\nb.0: rin\n';
  const people = [
    person('a', ['a.0: lease', 'a.2: head'], ['a.1:'], text),
    person('b', ['b.0: ring'], [], 'another'),
  ];
  expect(judge(text, people)).toEqual({
    missing: ['a.2: head', 'b.0: ring'],
    doubled: ['a.0: lease'],
    back: ['a.1:'],
    foreign: ['b.0: rin'],
    differing: ['b'],
  });
});
