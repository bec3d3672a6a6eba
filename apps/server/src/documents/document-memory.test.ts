import type { DocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import { DocumentMemory, type DocumentInMemory } from './document-memory.ts';

function sceneOf(bytesMax: number) {
  const memory: DocumentMemory<DocumentInMemory> = new DocumentMemory(bytesMax, () => {});
  const names: string[] = [];
  const add = (name: string, memoryBytes: number, isInUse = false): DocumentInMemory => {
    names.push(name);
    const document: DocumentInMemory = {
      memoryBytes,
      isInUse,
      release: () => {
        names.splice(names.indexOf(name), 1);
        memory.left(name as DocumentId);
      },
    };
    memory.used(name as DocumentId, document);
    return document;
  };
  return { memory, names, add };
}

it('lets the longest unused documents leave, until the others fit', () => {
  const { memory, names, add } = sceneOf(100);
  const first = add('first', 40);
  add('second', 40);
  add('third', 40);
  memory.used('first' as DocumentId, first);
  memory.shrink();
  expect(names).toEqual(['first', 'third']);
  expect(memory.bytes).toBe(80);
});

it('keeps documents that people are in, however old and large', () => {
  const { memory, names, add } = sceneOf(100);
  add('busy', 500, true);
  add('idle', 1);
  memory.shrink();
  expect(names).toEqual(['busy']);
});

it('leaves everything alone while there is room', () => {
  const { memory, names, add } = sceneOf(100);
  add('first', 50);
  add('second', 50);
  memory.shrink();
  expect(names).toEqual(['first', 'second']);
});
