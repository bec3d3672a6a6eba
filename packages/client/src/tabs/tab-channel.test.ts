import { expect, it, vi } from 'vitest';
import type { TabMessage } from './core/tab-messages.ts';
import { TabChannel } from './tab-channel.ts';

it('tabs of builds with the former message names are understood, and understand this one', async () => {
  const name = `tabs-${Math.random()}`;
  const former = new BroadcastChannel(`${name}:2`);
  const heard: unknown[] = [];
  former.onmessage = (event: MessageEvent<unknown>) => heard.push(event.data);
  const received: TabMessage[] = [];
  const channel = new TabChannel(name, (message) => received.push(message));
  const edits = { base: '', operation: ['a'], edits: 1, title: null };
  channel.post({ type: 'requestLead' });
  channel.post({ type: 'handOffEdits', ...edits });
  for (const type of ['wanted', 'kept', 'gone', 'hello']) former.postMessage({ type });
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  await vi.waitFor(() => expect(received).toHaveLength(4));
  expect(heard).toEqual([{ type: 'wanted' }, { type: 'typed', ...edits }]);
  expect(received.map(({ type }) => type)).toEqual([
    'requestLead',
    'leadRefused',
    'leaderLeft',
    'hello',
  ]);
  channel.close();
  former.close();
});
