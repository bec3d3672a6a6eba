import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const oidc = {
  CONCORD_OIDC_ISSUER: 'https://id.example.org/realm',
  CONCORD_OIDC_CLIENT_ID: 'concord',
  CONCORD_OIDC_CLIENT_SECRET: 's3cret',
  CONCORD_PUBLIC_URL: 'https://docs.example.org',
};

describe('the configuration', () => {
  it('needs nothing: open sign-up, guests, no proxy and no single sign-on', () => {
    expect(readConfig({})).toMatchObject({
      signUp: 'open',
      guestsMayCreate: true,
      trustedProxies: [],
      publicUrl: null,
      singleSignOn: null,
      backups: null,
      origins: [],
      requestsPerMinute: 1_200,
      metricsToken: null,
      diskReserveBytes: null,
      documentMemoryBytes: 192 * 1024 * 1024,
      databaseUrl: null,
      migrateTo: null,
      otlpUrl: null,
    });
    expect(readConfig({ CONCORD_MIGRATE_TO: 'sqlite:there' }).migrateTo).toBe('sqlite:there');
    expect(readConfig({ CONCORD_DISK_RESERVE: '64' }).diskReserveBytes).toBe(64 * 1024 * 1024);
    expect(readConfig({ CONCORD_DISK_RESERVE: '0' }).diskReserveBytes).toBe(0);
  });

  it('makes backups by the clock only into a directory that is named', () => {
    expect(readConfig({ CONCORD_BACKUP_EVERY: '6' }).backups).toBeNull();
    expect(readConfig({ CONCORD_BACKUP_DIRECTORY: '/backups' }).backups).toEqual({
      ...{ directory: '/backups', everyMs: 24 * 3_600_000, keep: 7 },
    });
    const named = { CONCORD_BACKUP_DIRECTORY: '/backups', CONCORD_BACKUP_EVERY: '6' };
    expect(readConfig({ ...named, CONCORD_BACKUP_KEEP: '30' }).backups).toEqual({
      ...{ directory: '/backups', everyMs: 6 * 3_600_000, keep: 30 },
    });
    expect(() => readConfig({ CONCORD_BACKUP_EVERY: '0' })).toThrow(/CONCORD_BACKUP_EVERY must be/);
  });

  it('takes the address of a database, and repeats none that is wrong, since it has a password', () => {
    const url = 'mongodb://ann:s3cret@a.example.org,b.example.org/concord?replicaSet=rs0';
    expect(readConfig({ CONCORD_STORE: url }).databaseUrl).toBe(url);
    const wrong = () =>
      readConfig({ CONCORD_STORE: 'postgres://ann:s3cret@a.example.org/concord' });
    expect(wrong).toThrow(/^CONCORD_STORE must be an address such as mongodb:[^\n]+\.$/);
    expect(wrong).not.toThrow(/s3cret/);
    const both = () => readConfig({ CONCORD_STORE: url, CONCORD_BACKUP_DIRECTORY: '/backups' });
    expect(both).toThrow(/^CONCORD_BACKUP_DIRECTORY is for files/);
  });

  it('names a node after its host, and takes where it is reached and its share of the documents', () => {
    expect(readConfig({}).node).toMatchObject({
      address: null,
      publicUrl: null,
      weight: 1,
      leaseMs: 2_500,
    });
    expect(readConfig({}).node.name).toMatch(/^[A-Za-z0-9][A-Za-z0-9.-]*$/);
    const node = {
      CONCORD_NODE: 'node-1.example',
      CONCORD_NODE_ADDRESS: 'http://10.0.0.5:8080/',
      CONCORD_NODE_URL: 'https://node1.docs.example.org',
      CONCORD_NODE_WEIGHT: '3',
      CONCORD_NODE_LEASE_MS: '10000',
    };
    expect(readConfig(node).node).toEqual({
      ...{ name: 'node-1.example', address: 'http://10.0.0.5:8080' },
      ...{ publicUrl: 'https://node1.docs.example.org', weight: 3, leaseMs: 10_000 },
    });
  });

  it.each([
    ['CONCORD_NODE', 'a b', /^CONCORD_NODE must be a name of up to 63 letters[^\n]+"a b"\.$/],
    ['CONCORD_NODE_ADDRESS', '10.0.0.5:8080', /^CONCORD_NODE_ADDRESS must be an origin such as/],
    [
      'CONCORD_NODE_ADDRESS',
      'https://10.0.0.5:8080',
      /^CONCORD_NODE_ADDRESS must begin with http:\/\/, not https:\/\/: this server listens without TLS/,
    ],
    ['CONCORD_NODE_URL', 'https://a.example/b', /^CONCORD_NODE_URL must be an origin such as/],
    ['CONCORD_NODE_WEIGHT', '0', /^CONCORD_NODE_WEIGHT must be a whole number from 1 to 1000/],
    [
      'CONCORD_NODE_LEASE_MS',
      '9',
      /^CONCORD_NODE_LEASE_MS must be a whole number from 1000 to 60000/,
    ],
  ])('says what is wrong with %s', (name, value, sentence) => {
    expect(() => readConfig({ [name]: value })).toThrow(sentence);
  });

  it('takes everything about people', () => {
    const config = readConfig({
      ...oidc,
      CONCORD_OIDC_NAME: 'Example ID',
      CONCORD_SIGN_UP: 'invitation',
      CONCORD_GUESTS: 'off',
      CONCORD_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8 fd00::/8',
      CONCORD_PUBLIC_URL: 'https://docs.example.org/',
      CONCORD_ORIGINS: 'https://other.example.org',
    });
    expect(config).toMatchObject({
      signUp: 'invitation',
      guestsMayCreate: false,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
      publicUrl: 'https://docs.example.org',
      origins: ['https://other.example.org', 'https://docs.example.org'],
      singleSignOn: {
        issuer: 'https://id.example.org/realm',
        clientId: 'concord',
        clientSecret: 's3cret',
        name: 'Example ID',
      },
    });
  });

  it('takes origins in capitals, with the default port or a slash at the end, as browsers write them', () => {
    const config = readConfig({
      CONCORD_PUBLIC_URL: 'HTTPS://Docs.Example.Org:443/',
      CONCORD_ORIGINS: 'http://A.example:80/ http://[0:0:0:0:0:0:0:1]:8080',
    });
    expect(config.publicUrl).toBe('https://docs.example.org');
    expect(config.origins).toEqual([
      ...['http://a.example', 'http://[::1]:8080'],
      'https://docs.example.org',
    ]);
  });

  it.each([
    [{ CONCORD_SIGN_UP: 'yes' }, 'CONCORD_SIGN_UP must be one of open, invitation, closed'],
    [{ CONCORD_GUESTS: 'no' }, 'CONCORD_GUESTS must be on or off'],
    [{ CONCORD_TRUSTED_PROXIES: 'true' }, 'CONCORD_TRUSTED_PROXIES must list addresses'],
    [{ CONCORD_TRUSTED_PROXIES: '10.0.0.0/33' }, 'CONCORD_TRUSTED_PROXIES must list addresses'],
    [{ CONCORD_TRUSTED_PROXIES: '10.0.0.0/8/8' }, 'CONCORD_TRUSTED_PROXIES must list addresses'],
    [{ CONCORD_TRUSTED_PROXIES: '10.0.0.0/' }, 'CONCORD_TRUSTED_PROXIES must list addresses'],
    [{ CONCORD_PUBLIC_URL: 'docs.example.org' }, 'CONCORD_PUBLIC_URL must be an origin'],
    [{ CONCORD_PUBLIC_URL: 'https://example.org/docs' }, 'CONCORD_PUBLIC_URL must be an origin'],
    [{ CONCORD_PUBLIC_URL: 'https://me@example.org' }, 'CONCORD_PUBLIC_URL must be an origin'],
    [{ CONCORD_PUBLIC_URL: 'wss://example.org' }, 'CONCORD_PUBLIC_URL must be an origin'],
    [{ CONCORD_ORIGINS: 'https://a.example https://b.example?x' }, 'CONCORD_ORIGINS must list'],
    [{ ...oidc, CONCORD_OIDC_ISSUER: 'http://id.example.org' }, 'CONCORD_OIDC_ISSUER must be'],
    [{ ...oidc, CONCORD_OIDC_ISSUER: 'id' }, 'CONCORD_OIDC_ISSUER must be'],
    [{ ...oidc, CONCORD_OIDC_CLIENT_SECRET: '' }, 'belong together'],
    [{ CONCORD_OIDC_CLIENT_ID: 'concord' }, 'belong together'],
    [{ ...oidc, CONCORD_PUBLIC_URL: '' }, 'Single sign-on needs CONCORD_PUBLIC_URL'],
    [{ CONCORD_METRICS_TOKEN: 'short' }, 'CONCORD_METRICS_TOKEN must have 16'],
    [{ CONCORD_REQUESTS_PER_MINUTE: '59' }, 'CONCORD_REQUESTS_PER_MINUTE must be a whole number'],
    [{ CONCORD_DISK_RESERVE: '1 GB' }, 'CONCORD_DISK_RESERVE must be a whole number of megabytes'],
    [{ ...oidc, CONCORD_OIDC_NAME: 'x'.repeat(61) }, 'CONCORD_OIDC_NAME must have at most'],
  ])('refuses %j in one sentence', (environment, sentence) => {
    const read = () => readConfig(environment);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(sentence);
    expect(read).toThrow(/^[^\n]+\.$/);
  });

  it('takes the address of a collector of traces by its own name or the usual one, and repeats none that is wrong', () => {
    const usual = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://usual:4318' };
    expect(readConfig(usual).otlpUrl).toBe('http://usual:4318');
    const own = { ...usual, CONCORD_OTLP_URL: 'https://ann:s3cret@own:4318' };
    expect(readConfig(own).otlpUrl).toBe('https://ann:s3cret@own:4318');
    const wrong = () => readConfig({ CONCORD_OTLP_URL: 'ann:s3cret@own' });
    expect(wrong).toThrow(/^CONCORD_OTLP_URL must be an address such as [^\n]+\.$/);
    expect(wrong).not.toThrow(/s3cret/);
  });

  it('takes a provider on this machine without encryption', () => {
    const issuer = 'http://127.0.0.1:4000';
    expect(readConfig({ ...oidc, CONCORD_OIDC_ISSUER: issuer }).singleSignOn).toMatchObject({
      issuer,
    });
  });
});
