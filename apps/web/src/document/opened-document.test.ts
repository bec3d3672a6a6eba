import { unknownView, type DocumentStatus, type DocumentView } from '@concord/client';
import { randomDocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OpenedDocument } from './opened-document.ts';

const parts = vi.hoisted(() => ({ openDocument: vi.fn(), getDocument: vi.fn() }));
vi.mock('@concord/client/browser', () => ({ openDocument: parts.openDocument }));
vi.mock('../http/api.ts', () => ({ getDocument: parts.getDocument }));
vi.mock('../identity/account-store.ts', () => ({ ownUserId: async () => 'me' }));
vi.mock('../editor/device-undo.ts', () => ({ openDeviceUndo: async () => null }));
vi.mock('../device/persistent-storage.ts', () => ({ keepStorage: () => undefined }));
vi.mock('../offline/document-server.ts', () => ({ ownAccess: {} }));
vi.mock('../library/library-api.ts', () => ({ restoreDocument: async () => undefined }));

const saved: DocumentStatus = { kind: 'saved' };
const saving: DocumentStatus = { kind: 'saving', slow: false };
const otherHistory: DocumentStatus = { kind: 'stopped', code: 'otherHistory', detail: '' };

/** A client of which only the view is looked at. */
class ViewedClient {
  readonly #listeners = new Set<() => void>();
  view: DocumentView = unknownView;
  readonly on = (): (() => void) => () => undefined;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly whenOpen = (): Promise<void> => new Promise(() => undefined);
  readonly close = async (): Promise<void> => undefined;

  becomes(change: Partial<DocumentView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

let client: ViewedClient;
let opened: OpenedDocument;
beforeEach(async () => {
  vi.useFakeTimers();
  client = new ViewedClient();
  parts.openDocument.mockResolvedValue(client);
  parts.getDocument.mockReset().mockReturnValue(new Promise(() => undefined));
  opened = await OpenedDocument.open(randomDocumentId());
});
afterEach(async () => {
  await opened.close();
  vi.useRealTimers();
});

it('the page is told once of all that one step of the client changes, and of counts alone not at all', () => {
  const told = vi.fn();
  opened.subscribe(told);
  client.becomes({ status: saved, role: 'editor', title: 'Plan', self: 3, peopleTotal: 240 });
  expect(told).toHaveBeenCalledTimes(1);
  expect(opened.snapshot()).toMatchObject({ ...client.view, isOpen: false, trashedAt: null });
  const snapshot = opened.snapshot();
  client.becomes({ version: 7, unsent: 2 });
  expect(told).toHaveBeenCalledTimes(1);
  expect(opened.snapshot()).toBe(snapshot);
});

it('"saved" after "saving" is shown a moment late, unless there is something else to save by then', () => {
  client.becomes({ status: saving });
  client.becomes({ status: saved });
  client.becomes({ peopleTotal: 2 });
  expect(opened.snapshot()).toMatchObject({ status: saving, peopleTotal: 2 });
  client.becomes({ status: { ...saving, slow: true } });
  vi.runAllTimers();
  expect(opened.snapshot().status).toEqual({ ...saving, slow: true });
  client.becomes({ status: saved });
  vi.runAllTimers();
  expect(opened.snapshot().status).toBe(saved);
});

it('a title that the server told is shown until the client has news of the title', () => {
  opened.learn({ title: 'Asked', trashedAt: null });
  client.becomes({ status: { kind: 'reconnecting', unsent: 0, slow: false } });
  expect(opened.snapshot().title).toBe('Asked');
  client.becomes({ status: saved, role: 'editor', title: 'Joined', isTitleKnown: true });
  expect(opened.snapshot().title).toBe('Joined');
  opened.learn({ title: 'Late', trashedAt: 5 });
  expect(opened.snapshot()).toMatchObject({ title: 'Joined', trashedAt: 5 });
});

it('a title that the server told is shown no longer when the client has joined, though its title is empty', () => {
  opened.learn({ title: 'Asked', trashedAt: null });
  client.becomes({ status: { kind: 'reconnecting', unsent: 0, slow: false } });
  expect(opened.snapshot().title).toBe('Asked');
  client.becomes({ status: saved, role: 'editor', isTitleKnown: true });
  expect(opened.snapshot().title).toBe('');
  opened.learn({ title: 'Late', trashedAt: null });
  expect(opened.snapshot().title).toBe('');
});

it('the server is asked about the document when the role is another, since its trash is told by that', async () => {
  client.becomes({ role: 'owner' });
  client.becomes({ status: saved });
  expect(parts.getDocument).toHaveBeenCalledTimes(1);
  parts.getDocument.mockResolvedValue({ title: '', trashedAt: 9 });
  client.becomes({ role: 'viewer' });
  await vi.waitFor(() => expect(opened.snapshot().trashedAt).toBe(9));
});

it('the role of a copy of a former history is the one that the server has for it', async () => {
  client.becomes({ status: saved, role: 'editor' });
  parts.getDocument.mockResolvedValue({ title: '', trashedAt: null, role: 'viewer' });
  client.becomes({ status: otherHistory });
  await vi.waitFor(() => expect(opened.snapshot().role).toBe('viewer'));
  client.becomes({ status: saved });
  expect(opened.snapshot().role).toBe('editor');
});
