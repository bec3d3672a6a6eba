/** `concord rotate-keys`, as a person runs it. */
import type { Config } from '../platform/config.ts';
import { keyLives } from '../accounts/account-services.ts';
import { SigningKeys } from '../accounts/signing-keys.ts';
import { orderNewKeys, type KeysRotated } from '../jobs/control.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';

/** Through the server when one runs, else directly. Rejects with OrderError or StoreOpenError. */
export async function rotateKeysCommand(
  { dataDirectory }: Config,
  endsFormer: boolean,
): Promise<void> {
  const rotated =
    (await orderNewKeys(dataDirectory, endsFormer)) ??
    (await withoutServer(dataDirectory, endsFormer));
  process.stdout.write(`${sentenceOf(rotated, endsFormer)}\n`);
}

async function withoutServer(dataDirectory: string, endsFormer: boolean): Promise<KeysRotated> {
  const store = await openSqliteStore(dataDirectory);
  try {
    const keys = await SigningKeys.open({ store, lives: keyLives });
    return { endedSessions: await keys.rotate({ endsFormer }) };
  } finally {
    await store.close();
  }
}

function sentenceOf({ endedSessions }: KeysRotated, endsFormer: boolean): string {
  return endsFormer
    ? `New keys sign from now on, and the former ones are gone. ${endedSessions} sessions of accounts ended: these ` +
        'people sign in again, with their passwords. Guests and API tokens are not proved by these keys, and stay.'
    : 'New keys sign from now on. The former ones verify what they signed until it expires, and are then deleted: ' +
        'no one is signed out.';
}
