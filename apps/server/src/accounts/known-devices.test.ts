import { expect, it } from 'vitest';
import { KnownDevices } from './known-devices.ts';
import { ringOf } from './test-keys.ts';

const devices = new KnownDevices(ringOf(new Uint8Array(32).fill(1)));
const carried = ([setCookie]: string[]) => ({ cookie: `x=y; ${setCookie?.split(';')[0]}` });

it('a device cookie counts only for the account that signed in with it', () => {
  const headers = carried(devices.cookiesFor('ann', false));
  const id = devices.idOf(headers, 'ann');
  expect(id).toMatch(/^[a-z2-7]{26}$/);
  expect(devices.idOf(headers, 'ann')).toBe(id);
  expect(devices.idOf(headers, 'bob')).toBeNull();
  expect(devices.idOf(headers, null)).toBeNull();
  expect(new KnownDevices(ringOf(new Uint8Array(32))).idOf(headers, 'ann')).toBeNull();
  expect(devices.idOf(carried(devices.cookiesFor('ann', false)), 'ann')).not.toBe(id);
});

it('a request without a device cookie, or with an invented one, is not a known device', () => {
  expect(devices.idOf({}, 'ann')).toBeNull();
  for (const value of ['', 'x', `${'a'.repeat(26)}.${'A'.repeat(43)}`, 'é'.repeat(70)]) {
    expect(devices.idOf({ cookie: `concord_device=${value}` }, 'ann'), value).toBeNull();
  }
  // A login that does not exist has no known device.
  expect(devices.idOf(carried(devices.cookiesFor('', false)), null)).toBeNull();
});

it('the device cookie is sent only to the sign-in routes and is HttpOnly', () => {
  const [cookie] = devices.cookiesFor('ann', true);
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/v1/sessions']) {
    expect(cookie).toContain(part);
  }
  expect(cookie).not.toContain('ann');
});
