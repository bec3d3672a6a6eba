import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from './api.ts';
import { TitleDraft } from './title-draft.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const answer = (title: string) => Promise.resolve({ title });

test('a title is sent once typing pauses, and is saved when the server has it', async () => {
  const rename = vi.fn(answer);
  const draft = new TitleDraft('Old', rename, () => undefined);
  draft.edit('N');
  await vi.advanceTimersByTimeAsync(300);
  draft.edit('New');
  await vi.advanceTimersByTimeAsync(500);
  expect(rename).not.toHaveBeenCalled();
  expect(draft.shown).toBe('New');
  expect(draft.isSaved).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(rename.mock.calls).toEqual([['New', false]]);
  expect(draft.isSaved).toBe(true);
});

test('another title from outside does not disturb a draft', () => {
  const draft = new TitleDraft('Old', answer, () => undefined);
  draft.received('Theirs');
  expect(draft.shown).toBe('Theirs');
  draft.edit('Mine');
  draft.received('Theirs again');
  expect(draft.shown).toBe('Mine');
  draft.close();
});

test('without a network the title stays a draft and is tried again', async () => {
  let isOnline = false;
  const rename = vi.fn((title: string) =>
    isOnline ? answer(title) : Promise.reject(new ApiError('network', 0, '')),
  );
  const draft = new TitleDraft('Old', rename, () => undefined);
  draft.edit('New');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(draft.isSaved).toBe(false);
  isOnline = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(draft.isSaved).toBe(true);
});

test('a title refused for good gives way to the one that the server has', async () => {
  const rename = () => Promise.reject(new ApiError('forbidden', 403, ''));
  const draft = new TitleDraft('Old', rename, () => undefined);
  draft.edit('New');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(draft.shown).toBe('Old');
  expect(draft.isSaved).toBe(true);
});
