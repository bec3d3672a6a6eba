/** `concord rotate-keys`, as a person runs it. */
import type { Config } from '../platform/config.ts';
import { keyLives } from '../accounts/account-services.ts';
import { SigningKeys } from '../accounts/signing-keys.ts';
import { orderNewKeys, type KeysRotated } from '../jobs/control.ts';
import { openStore } from '../store/open-store.ts';

/** Through the server when one runs, else directly. Rejects with OrderError, StoreOpenError or DatabaseOpenError. */
export async function rotateKeysCommand(config: Config, endsFormer: boolean): Promise<void> {
  const rotated =
    (await orderNewKeys(config.dataDirectory, endsFormer)) ??
    (await withoutServer(config, endsFormer));
  process.stdout.write(`${sentenceOf(rotated, endsFormer)}\n`);
}

async function withoutServer(config: Config, endsFormer: boolean): Promise<KeysRotated> {
  const warn = (message: string): void => void process.stderr.write(`${message}\n`);
  const store = await openStore({ ...config, diskReserveBytes: null }, warn);
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
