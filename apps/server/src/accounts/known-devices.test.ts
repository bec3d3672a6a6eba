import { expect, it } from 'vitest';
import { KnownDevices } from './known-devices.ts';
import { ringOf } from './test-keys.ts';

const devices = new KnownDevices(ringOf(new Uint8Array(32).fill(1)));
const carried = ([setCookie]: string[]) => ({ cookie: `x=y; ${setCookie?.split(';')[0]}` });

it('a device is known to the person who signed in with it, and to nobody else', () => {
  const headers = carried(devices.cookiesFor('ann', false));
  const id = devices.idOf(headers, 'ann');
  expect(id).toMatch(/^[a-z2-7]{26}$/);
  expect(devices.idOf(headers, 'ann')).toBe(id);
  expect(devices.idOf(headers, 'bob')).toBeNull();
  expect(devices.idOf(headers, null)).toBeNull();
  expect(new KnownDevices(ringOf(new Uint8Array(32))).idOf(headers, 'ann')).toBeNull();
  expect(devices.idOf(carried(devices.cookiesFor('ann', false)), 'ann')).not.toBe(id);
});

it('a device is known by no cookie, and by no invented one', () => {
  expect(devices.idOf({}, 'ann')).toBeNull();
  for (const value of ['', 'x', `${'a'.repeat(26)}.${'A'.repeat(43)}`, 'é'.repeat(70)]) {
    expect(devices.idOf({ cookie: `concord_device=${value}` }, 'ann'), value).toBeNull();
  }
  // Of nobody: an unknown login has no known device either.
  expect(devices.idOf(carried(devices.cookiesFor('', false)), null)).toBeNull();
});

it('the cookie is for signing in alone, and not for scripts', () => {
  const [cookie] = devices.cookiesFor('ann', true);
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/v1/sessions']) {
    expect(cookie).toContain(part);
  }
  expect(cookie).not.toContain('ann');
});
