import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import { ringOf } from './test-keys.ts';

const KEY = new Uint8Array(32).fill(1);
const USER_ID = '0123456789abcdef0123456789abcdef';
const SESSION_ID = 'abcdefghijklmnopqrstuvwxyz';
const NOW = 1_800_000_000_000;

const tokens = new AccessTokens(ringOf(KEY), () => NOW);
const nowSeconds = NOW / 1_000;
const header = { alg: 'HS256', typ: 'at+jwt' };
const claims = {
  iss: 'concord',
  aud: 'concord',
  sub: USER_ID,
  sid: SESSION_ID,
  iat: nowSeconds,
  exp: nowSeconds + 900,
};

/** A JWT with any header and claims, signed with the right key unless another is given. */
function forge(head: object, body: object, { key = KEY, hash = 'sha256' } = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(head)}.${part(body)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

describe('an access token', () => {
  it('carries its user, its session and its expiry', async () => {
    const { token, expiresAt } = await tokens.issue(USER_ID, SESSION_ID);
    expect(expiresAt).toBe(NOW + ACCESS_TOKEN_MS);
    await expect(tokens.verify(token)).resolves.toEqual({
      userId: USER_ID,
      authSessionId: SESSION_ID,
      expiresAt,
    });
  });

  it('is valid until its last second, and expired after it', async () => {
    const { token } = await tokens.issue(USER_ID, SESSION_ID);
    const later = (ms: number) => new AccessTokens(ringOf(KEY), () => NOW + ms).verify(token);
    await expect(later(ACCESS_TOKEN_MS - 1_000)).resolves.toMatchObject({ userId: USER_ID });
    await expect(later(ACCESS_TOKEN_MS)).rejects.toMatchObject({ code: 'expired' });
  });

  it('built by this test is accepted when every claim is right (control for the refusals below)', async () => {
    await expect(tokens.verify(forge(header, claims))).resolves.toMatchObject({ userId: USER_ID });
  });

  const { sub: _sub, ...withoutSub } = claims;
  const { sid: _sid, ...withoutSid } = claims;
  const { exp: _exp, ...withoutExp } = claims;
  const { iat: _iat, ...withoutIat } = claims;
  const { aud: _aud, ...withoutAud } = claims;
  const { iss: _iss, ...withoutIss } = claims;
  it.each([
    ['another key', forge(header, claims, { key: new Uint8Array(32).fill(2) })],
    ['no algorithm', `${forge({ ...header, alg: 'none' }, claims).replace(/\.[^.]*$/, '')}.`],
    ['another algorithm', forge({ ...header, alg: 'HS512' }, claims, { hash: 'sha512' })],
    ['the name of another algorithm', forge({ ...header, alg: 'RS256' }, claims)],
    ['another type', forge({ ...header, typ: 'JWT' }, claims)],
    ['no type', forge({ alg: 'HS256' }, claims)],
    ['another issuer', forge(header, { ...claims, iss: 'other-server' })],
    ['no issuer', forge(header, withoutIss)],
    ['another audience', forge(header, { ...claims, aud: 'other-audience' })],
    ['two audiences', forge(header, { ...claims, aud: ['concord', 'other-audience'] })],
    ['no audience', forge(header, withoutAud)],
    ['no subject', forge(header, withoutSub)],
    ['a subject that is no user id', forge(header, { ...claims, sub: 'admin' })],
    ['a subject that is no text', forge(header, { ...claims, sub: { id: USER_ID } })],
    ['no session', forge(header, withoutSid)],
    ['a session that is no text', forge(header, { ...claims, sid: true })],
    ['a session that is no id', forge(header, { ...claims, sid: '*' })],
    ['no expiry', forge(header, withoutExp)],
    ['an expiry that is no number', forge(header, { ...claims, exp: 'never' })],
    ['a longer life than tokens have', forge(header, { ...claims, exp: nowSeconds + 901 })],
    ['no time of issue', forge(header, withoutIat)],
    ['a part of the signature', forge(header, claims).slice(0, -2)],
    ['nothing', ''],
    ['something else', 'concord'],
  ])('with %s is invalid', async (_what, token) => {
    await expect(tokens.verify(token)).rejects.toMatchObject({
      name: 'Error',
      code: 'invalid',
    });
  });
});
