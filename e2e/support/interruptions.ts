/** For tests of people who must not notice what happens beside them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { followView, type DocumentClient } from '@concord/client';

/** Resolves when everything is saved. From then on, records each status that is neither "saved" nor "saving". */
export async function recordInterruptions(
  client: DocumentClient,
  interruptions: string[],
): Promise<void> {
  while (client.view.status.kind !== 'saved') await sleep(5);
  const statusChanged = (kind: string): void => {
    if (kind !== 'saved' && kind !== 'saving') interruptions.push(kind);
  };
  followView(client, ({ status }) => status.kind, statusChanged);
}
