/** The keys by which what was given out is recognised. */
import { describe, expect, it } from 'vitest';
import { accountOf, sessionOf } from '../test-records.ts';
import type { Scene } from './scene.ts';

const shown = async ({ store }: Scene): Promise<string[]> =>
  (await store.signingKeys.list()).map(({ purpose, kid, retiredAt }) => `${purpose} ${kid} ${retiredAt}`); // prettier-ignore

export function describeSigningKeys(scene: Scene): void {
  describe('signing keys', () => {
    it('start with the secret of their purpose, once, and do not change', async () => {
      const secret = await scene.store.secret('tokens');
      expect(await scene.store.signingKeys.list()).toEqual([]);
      await scene.store.signingKeys.begin(['tokens', 'devices'], 5);
      await scene.store.signingKeys.begin(['tokens', 'devices'], 6);
      await scene.reopen();
      const keys = await scene.store.signingKeys.list();
      expect(keys).toHaveLength(2);
      expect(keys).toContainEqual({ purpose: 'tokens', kid: 'first', value: secret, createdAt: 5, retiredAt: null }); // prettier-ignore
    });

    it('are retired when replaced, listed newest first, and deleted by the age of their retirement', async () => {
      const { signingKeys } = scene.store;
      await signingKeys.begin(['tokens', 'devices'], 5);
      const secret = await scene.store.secret('tokens');
      expect(await signingKeys.rotate([{ purpose: 'tokens', kid: 'second' }], 10, false)).toBe(0);
      expect(await signingKeys.rotate([{ purpose: 'tokens', kid: 'third' }], 20, false)).toBe(0);
      await scene.reopen();
      const tokens = (await shown(scene)).filter((key) => key.startsWith('tokens'));
      expect(tokens).toEqual(['tokens third null', 'tokens second 20', 'tokens first 10']);
      await scene.store.signingKeys.removeRetired('tokens', 10);
      expect(await shown(scene)).toHaveLength(4);
      expect(await scene.store.secret('tokens')).toEqual(secret);
      await scene.store.signingKeys.removeRetired('tokens', 11);
      expect((await shown(scene)).sort()).toEqual(['devices first null', 'tokens second 20', 'tokens third null']); // prettier-ignore
      expect(await scene.store.secret('tokens')).not.toEqual(secret);
      // There is a key already: none is made of the new secret.
      await scene.store.signingKeys.begin(['tokens'], 30);
      expect(await shown(scene)).toHaveLength(3);
    });

    it('that end at once are deleted with all sessions and their secrets', async () => {
      const { signingKeys, accounts, authSessions } = scene.store;
      await signingKeys.begin(['tokens'], 5);
      const secret = await scene.store.secret('tokens');
      await accounts.create(accountOf('ann'), null);
      await authSessions.create(sessionOf('one', 'ann'));
      await authSessions.create(sessionOf('two', 'ann'));
      expect(await signingKeys.rotate([{ purpose: 'tokens', kid: 'second' }], 10, true)).toBe(2);
      await scene.reopen();
      expect(await shown(scene)).toEqual(['tokens second null']);
      expect(await scene.store.authSessions.get('one')).toBeNull();
      expect(await scene.store.secret('tokens')).not.toEqual(secret);
    });
  });
}
