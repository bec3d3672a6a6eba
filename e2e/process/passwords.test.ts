/**
 * Password guessing: neither the response nor the work behind it reveals whether a login exists; limits per login and
 * per address hold, whatever forwarding headers say.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { HttpClient, problemCode, type Answer } from '../support/http-client.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const PASSWORD = 'correct horse battery';
const WRONG = 'not the password';

let directory: ReturnType<typeof temporaryDirectory>;
let server: TestServer;

async function startServer(environment: NodeJS.ProcessEnv = {}): Promise<void> {
  server = await TestServer.start({ dataDirectory: directory.path, environment });
}

/** Limits are in memory: a new server per test starts with full buckets. */
beforeEach(async () => {
  directory = temporaryDirectory();
  await startServer();
  return async () => {
    await server.stop();
    directory.remove();
  };
});

const from = (localAddress: string, headers: Record<string, string> = {}): HttpClient =>
  new HttpClient(server.url, { localAddress, headers });
const signIn = (client: HttpClient, login: string, password: string): Promise<Answer> =>
  client.send('POST', '/api/v1/sessions', { login, password });

/** Headers whose values may differ between requests. */
const varying = new Set([
  'date',
  'ratelimit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
]);

function shape({ status, headers, text }: Answer): object {
  const names = Object.keys(headers).sort();
  const fixed = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !varying.has(name.toLowerCase())),
  );
  // The wait depends on the time of the request.
  return { status, text: text.replace(/\d+ seconds/, 'n seconds'), names, fixed };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? NaN;
}

describe('the response to a wrong password', () => {
  it('is the same, and costs one hash, whether or not the login exists', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    const logins = ['ann', 'nobody'];
    const times = new Map<string, number[]>(logins.map((login) => [login, []]));
    const rounds = 40;
    const shapes: object[] = [];
    const work = () => server.metric('concord_passwords_checked_total');
    expect(await work()).toBe(1);
    for (let n = 0; n < rounds; n += 1) {
      // Alternating order: the second request finds warm caches.
      for (const login of n % 2 === 0 ? logins : logins.toReversed()) {
        const before = await work();
        const start = performance.now();
        const answer = await signIn(from(`127.0.0.${1 + (n >> 3)}`), login, `${WRONG} ${n}`);
        times.get(login)?.push(performance.now() - start);
        // Without an account, a decoy hash is computed.
        expect(await work()).toBe(before + 1);
        shapes.push(shape(answer));
      }
    }
    expect(shapes[0]).toMatchObject({ status: 401 });
    for (const other of shapes) expect(other).toEqual(shapes[0]);
    const [known, unknown] = logins.map((login) => median(times.get(login) ?? []).toFixed(1));
    console.log(`wrong password: known ${known} ms, unknown ${unknown} ms (medians of ${rounds})`);
  });

  it('is the same for a known and an unknown email address', async () => {
    const client = from('127.0.0.1');
    await client.send('POST', '/api/v1/accounts', {
      userName: 'ann',
      email: 'ann@example.org',
      password: PASSWORD,
    });
    const known = await signIn(client, 'ann@example.org', WRONG);
    const unknown = await signIn(client, 'bob@example.org', WRONG);
    expect(shape(known)).toEqual(shape(unknown));
  });

  it('is the same for a known and an unknown login when the limit is reached', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    const refused = await Promise.all(
      ['ann', 'nobody'].map(async (login, n) => {
        const client = from(`127.0.0.${n + 10}`);
        const answers = await Promise.all(
          Array.from({ length: 11 }, () => signIn(client, login, WRONG)),
        );
        return answers.filter(({ status }) => status === 429).map((answer) => shape(answer));
      }),
    );
    expect(refused[0]).toHaveLength(1);
    expect(refused[0]).toEqual(refused[1]);
  });
});

describe('guessing one person’s password', () => {
  it('is refused after ten tries from one address, even with the right password, and only there', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    const guesser = from('127.0.0.2');
    const answers = [];
    for (let n = 0; n < 10; n += 1) answers.push(await signIn(guesser, 'ann', `${WRONG} ${n}`));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
    const stopped = await signIn(guesser, 'ann', PASSWORD);
    expect(stopped.status).toBe(429);
    expect(problemCode(stopped)).toBe('tooManyAttempts');
    const retryAfter = Number(stopped.headers['retry-after']);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    // From another address the person signs in.
    expect((await signIn(from('127.0.0.1'), 'ann', PASSWORD)).status).toBe(201);
  });

  it('is limited to ten checked passwords also when the requests are concurrent', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    const guesser = from('127.0.0.2');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => signIn(guesser, 'ann', `${WRONG} ${n}`)),
    );
    const checked = answers.filter(({ status }) => status === 401);
    expect(checked).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  it('from many addresses leaves three tries to each further address, and never locks the person out', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    await from('127.0.0.1').signIn('ann', PASSWORD);
    const guesses: Promise<Answer>[] = [];
    for (let address = 2; address < 12; address += 1) {
      for (let n = 0; n < 5; n += 1) {
        guesses.push(signIn(from(`127.0.0.${address}`), 'ann', `${WRONG} ${n}`));
      }
    }
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses).toEqual(Array(50).fill(401));
    const further = from('127.0.0.99');
    for (let n = 0; n < 4; n += 1) {
      expect((await signIn(further, 'ann', `${WRONG} ${n}`)).status).toBe(n < 3 ? 401 : 429);
    }
    expect((await signIn(from('127.0.0.97'), 'ann', PASSWORD)).status).toBe(201);
    expect((await signIn(from('127.0.0.1'), 'ann', PASSWORD)).status).toBe(201);
    // Another account is not affected from the same address.
    await from('127.0.0.98').signUp('bob', PASSWORD);
    expect((await signIn(from('127.0.0.99'), 'bob', PASSWORD)).status).toBe(201);
  });
});

describe('guessing from one address', () => {
  it('is refused after fifty tries over all logins', async () => {
    const guesser = from('127.0.0.2');
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => signIn(guesser, `person-${n}`, WRONG)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect((await signIn(from('127.0.0.3'), 'person-1', WRONG)).status).toBe(401);
  });
});

describe('a forwarding header', () => {
  const spoofed = (n: number): Record<string, string> => ({
    'x-forwarded-for': `198.51.100.${n}`,
    'x-real-ip': `198.51.100.${n}`,
    'x-client-ip': `198.51.100.${n}`,
    forwarded: `for=198.51.100.${n}`,
    'x-forwarded-host': 'evil.example',
  });

  it('of an untrusted client does not evade the limit per login', async () => {
    await from('127.0.0.1').signUp('ann', PASSWORD);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      statuses.push((await signIn(from('127.0.0.2', spoofed(n)), 'ann', WRONG)).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('of an untrusted client does not evade the limit per address, nor set the address of a session', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const { status } = await signIn(from('127.0.0.2', spoofed(n)), `person-${n}`, WRONG);
        return status;
      }),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(50);
    const client = from('127.0.0.3', spoofed(7));
    const { accessToken } = await client.signUp('ann', PASSWORD);
    expect(await addressesOf(client, accessToken)).toEqual(['127.0.0.3']);
  });

  it('is trusted from a listed proxy only, and there only for the last hop', async () => {
    await server.stop();
    await startServer({ CONCORD_TRUSTED_PROXIES: '127.0.0.5' });
    const behind = from('127.0.0.5', { 'x-forwarded-for': '198.51.100.7' });
    const first = await behind.signUp('ann', PASSWORD);
    expect(await addressesOf(behind, first.accessToken)).toEqual(['198.51.100.7']);
    // Entries that the client put before the proxy's own are ignored.
    const spoofing = from('127.0.0.5', { 'x-forwarded-for': '203.0.113.1, 198.51.100.7' });
    const second = await spoofing.signUp('bob', PASSWORD);
    expect(await addressesOf(spoofing, second.accessToken)).toEqual(['198.51.100.7']);
    const direct = from('127.0.0.6', { 'x-forwarded-for': '198.51.100.7' });
    const third = await direct.signUp('cid', PASSWORD);
    expect(await addressesOf(direct, third.accessToken)).toEqual(['127.0.0.6']);
  });
});

async function addressesOf(client: HttpClient, accessToken: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const { text } = await client.send('GET', '/api/v1/sessions', undefined, headers);
  const { sessions } = JSON.parse(text) as { sessions: { address: string }[] };
  return sessions.map(({ address }) => address);
}

describe('more sign-ins than the hashing queue holds', () => {
  it('are refused with 503 and Retry-After, and do not count as attempts', async () => {
    // Far more than the bound of the queue (accounts/passwords.ts).
    const clients = Array.from({ length: 400 }, (_, n) => from(`127.0.${1 + (n >> 7)}.${n & 127}`));
    const answers = await Promise.all(
      clients.map((client, n) => signIn(client, `person-${n}`, WRONG)),
    );
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy).not.toEqual([]);
    expect(answers.filter(({ status }) => status === 401).length + busy.length).toBe(400);
    console.log(`400 at once: ${busy.length} refused as busy`);
    for (const answer of busy) {
      expect(problemCode(answer)).toBe('busy');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    const refused = answers.findIndex(({ status }) => status === 503);
    const [client, login] = [clients[refused] ?? from('127.0.0.1'), `person-${refused}`];
    for (let n = 0; n < 10; n += 1) expect((await signIn(client, login, WRONG)).status).toBe(401);
    expect((await signIn(client, login, WRONG)).status).toBe(429);
  });
});
