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

it('evicts the least recently used documents until the rest fits', () => {
  const { memory, names, add } = sceneOf(100);
  const first = add('first', 40);
  add('second', 40);
  add('third', 40);
  memory.used('first' as DocumentId, first);
  memory.shrink();
  expect(names).toEqual(['first', 'third']);
  expect(memory.bytes).toBe(80);
});

it('keeps documents in use, however old and large', () => {
  const { memory, names, add } = sceneOf(100);
  add('busy', 500, true);
  add('idle', 1);
  memory.shrink();
  expect(names).toEqual(['busy']);
});

it('evicts nothing below the bound', () => {
  const { memory, names, add } = sceneOf(100);
  add('first', 50);
  add('second', 50);
  memory.shrink();
  expect(names).toEqual(['first', 'second']);
});
