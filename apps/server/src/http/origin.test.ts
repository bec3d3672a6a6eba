import { PAGE_HEADER } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { OriginRules, type OriginHeaders, type Sender } from './origin.ts';

const anywhere = new OriginRules({ origins: [], publicUrl: null });
const publicUrl = 'https://docs.example.org';
const listed = 'https://other.example.org:8443';
const published = new OriginRules({ origins: [listed, publicUrl], publicUrl });

describe('who sent a request, by its headers', () => {
  const without: readonly (readonly [string, OriginHeaders, Sender])[] = [
    ['the same host', { origin: 'http://a.example:8080', host: 'a.example:8080' }, 'own'],
    [
      'the default port of https, named',
      { origin: 'https://a.example', host: 'a.example:443' },
      'own',
    ],
    [
      'the default port of http, named',
      { origin: 'http://a.example', host: 'a.example:80' },
      'own',
    ],
    ['a host in capitals', { origin: 'https://a.example', host: 'A.Example' }, 'own'],
    ['an origin in capitals', { origin: 'HTTPS://A.EXAMPLE', host: 'a.example' }, 'own'],
    ['a long IPv6 address', { origin: 'http://[::1]:80', host: '[0:0:0:0:0:0:0:1]' }, 'own'],
    [
      'a name in punycode',
      { origin: 'https://xn--bcher-kva.example', host: 'bücher.example' },
      'own',
    ],
    ['another port', { origin: 'http://a.example:81', host: 'a.example:80' }, 'foreign'],
    [
      'the port of the other scheme',
      { origin: 'https://a.example', host: 'a.example:80' },
      'foreign',
    ],
    ['another host', { origin: 'http://b.example', host: 'a.example' }, 'foreign'],
    [
      'a name that only begins alike',
      { origin: 'http://a.example.evil', host: 'a.example' },
      'foreign',
    ],
    ['a name before an at sign', { origin: 'http://a.example@evil', host: 'a.example' }, 'foreign'],
    ['a host with a path in it', { origin: 'http://evil', host: 'evil/a.example' }, 'foreign'],
    ['a host with a user in it', { origin: 'http://evil', host: 'a.example@evil' }, 'foreign'],
    ['an opaque origin', { origin: 'null', host: 'a.example' }, 'foreign'],
    ['an opaque origin at a host of that name', { origin: 'null', host: 'null' }, 'foreign'],
    ['an empty origin', { origin: '', host: 'a.example' }, 'foreign'],
    ['two origins', { origin: 'http://a.example, http://b.example', host: 'a.example' }, 'foreign'],
    ['an extension', { origin: 'chrome-extension://a.example', host: 'a.example' }, 'foreign'],
    ['no host', { origin: 'http://a.example' }, 'foreign'],
    ['no origin', { host: 'a.example' }, 'unsaid'],
    ['typed into the address bar', { host: 'a.example', 'sec-fetch-site': 'none' }, 'unsaid'],
    ['a read of the same origin', { host: 'a.example', 'sec-fetch-site': 'same-origin' }, 'own'],
    ['a script of the same site', { host: 'a.example', 'sec-fetch-site': 'same-site' }, 'foreign'],
    ['a script of another site', { host: 'a.example', 'sec-fetch-site': 'cross-site' }, 'foreign'],
  ];
  for (const [name, headers, sender] of without) {
    it(`${name}: ${sender}`, () => expect(anywhere.senderOf(headers)).toBe(sender));
  }

  const withPublicUrl: readonly (readonly [string, OriginHeaders, Sender])[] = [
    ['the public origin, whatever the host', { origin: publicUrl, host: 'concord:8080' }, 'own'],
    ['a listed origin', { origin: listed, host: 'docs.example.org' }, 'own'],
    [
      'the public name by http',
      { origin: 'http://docs.example.org', host: 'docs.example.org' },
      'foreign',
    ],
    [
      'a name pointed at this server',
      { origin: 'http://evil.example', host: 'evil.example' },
      'foreign',
    ],
    ['this machine', { origin: 'http://localhost:8080', host: 'localhost:8080' }, 'own'],
    [
      'this machine from another port',
      { origin: 'http://localhost:81', host: 'localhost:8080' },
      'foreign',
    ],
  ];
  for (const [name, headers, sender] of withPublicUrl) {
    it(`with a public URL, ${name}: ${sender}`, () =>
      expect(published.senderOf(headers)).toBe(sender));
  }
});

describe('a cookie', () => {
  it('proves who sent it when a page of this server did, or the page says so where browsers do not', () => {
    const host = 'a.example';
    expect(anywhere.vouchFor({ host, origin: 'http://a.example' })).toBe(true);
    expect(anywhere.vouchFor({ host, 'sec-fetch-site': 'same-origin' })).toBe(true);
    expect(anywhere.vouchFor({ host, [PAGE_HEADER]: '1' })).toBe(true);
  });

  it('proves nothing without an origin, nor from another page, whatever that says', () => {
    const host = 'a.example';
    expect(anywhere.vouchFor({ host })).toBe(false);
    expect(anywhere.vouchFor({ host, 'sec-fetch-site': 'none' })).toBe(false);
    expect(anywhere.vouchFor({ host, origin: 'http://b.example', [PAGE_HEADER]: '1' })).toBe(false);
  });
});

describe('a Host', () => {
  it('is any without a public URL, since nothing says which one is right', () => {
    expect(anywhere.isOwnHost('whatever.example')).toBe(true);
  });

  it('is with a public URL its own, a listed one, or this machine', () => {
    for (const host of [
      ...['docs.example.org', 'DOCS.example.org', 'docs.example.org:443', 'other.example.org:8443'],
      ...['localhost', 'localhost:8080', '127.0.0.1:8080', '127.8.9.1', '[::1]:8080', 'LOCALHOST'],
    ]) {
      expect([host, published.isOwnHost(host)]).toEqual([host, true]);
    }
    for (const host of [
      ...['evil.example', 'docs.example.org:80', 'docs.example.org.evil.example', '10.0.0.7:8080'],
      ...['localhost.evil.example', 'docs.example.org@evil', 'other.example.org', '', ' ', '[::2]'],
    ]) {
      expect([host, published.isOwnHost(host)]).toEqual([host, false]);
    }
    expect(published.isOwnHost(undefined)).toBe(false);
  });
});
