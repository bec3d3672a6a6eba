/** For tests: the routes of accounts over a store in memory, asked by browsers that keep their cookies. */
import {
  ATTEMPT_HEADER,
  randomId,
  type CreatedInvitation,
  type SignedIn,
  type SignUp,
  type SignUpMode,
} from '@concord/protocol';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { accountScene, type AccountScene } from '../accounts/test-accounts.ts';
import type { Config } from '../platform/config.ts';
import { Problem, sendProblem } from '../http/problem.ts';
import { problemOfError } from '../http/problem-of-error.ts';
import { registerAccountRoutes } from './account-routes.ts';
import { testContext, type TestContext } from './test-context.ts';
import { registerInvitationRoutes } from './invitation-routes.ts';
import { registerMeRoutes } from './me-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { registerSingleSignOnRoutes } from './single-sign-on-routes.ts';
import { registerTokenRoutes } from './token-routes.ts';

export const PASSWORD = 'correct horse battery';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** Of JSON; otherwise null. */
  readonly body: Record<string, unknown> | null;
  readonly setCookies: readonly string[];
}

export interface AccountApi {
  readonly scene: AccountScene;
  readonly context: TestContext;
  readonly browser: (address?: string) => TestBrowser;
  /** A browser that is signed in as an administrator. */
  readonly admin: () => Promise<TestBrowser>;
}

export async function accountApi(
  signUp: SignUpMode = 'open',
  changed: Partial<Config> = {},
): Promise<AccountApi> {
  const scene = await accountScene(signUp);
  const { store, services } = scene;
  const context = testContext(scene, { ...scene.config, ...changed });
  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: Error, _request, reply) => {
    const unexpected = new Problem(500, 'unexpected', 'Unexpected', error.message);
    return sendProblem(reply, problemOfError(error) ?? unexpected);
  });
  registerMeRoutes(app, context);
  registerAccountRoutes(app, context);
  registerSessionRoutes(app, context);
  registerTokenRoutes(app, context);
  registerInvitationRoutes(app, context);
  registerSingleSignOnRoutes(app, context);
  const browser = (address?: string): TestBrowser => new TestBrowser(app, address);
  return {
    scene,
    context,
    browser,
    async admin() {
      const admin = browser();
      const { userId } = await admin.signUp('admin');
      await store.accounts.change(userId, { isAdmin: true });
      services.accountStates.changed(userId);
      return admin;
    },
  };
}

export class TestBrowser {
  readonly #app: FastifyInstance;
  readonly #address: string;
  readonly cookies = new Map<string, string>();
  accessToken: string | null = null;

  constructor(app: FastifyInstance, address = '192.0.2.1') {
    this.#app = app;
    this.#address = address;
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#app.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: this.#address,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(this.accessToken === null ? {} : { authorization: `Bearer ${this.accessToken}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    const setCookies = [response.headers['set-cookie'] ?? []].flat();
    for (const line of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isJson ? response.json<Record<string, unknown>>() : null,
      setCookies,
    };
  }

  async signUp(userName: string, more: Partial<SignUp> = {}): Promise<SignedIn> {
    return this.#signedIn('/accounts', { userName, password: PASSWORD, ...more });
  }

  async signIn(login: string, password = PASSWORD): Promise<SignedIn> {
    return this.#signedIn('/sessions', { login, password });
  }

  /** As a page does: the access token is not needed for it. */
  async refresh(attempt = randomId()): Promise<Answer> {
    this.accessToken = null;
    const answer = await this.send('POST', '/sessions/refresh', undefined, {
      [ATTEMPT_HEADER]: attempt,
    });
    if (answer.status === 200) this.accessToken = String(answer.body?.['accessToken']);
    return answer;
  }

  /** The token of a new invitation; for administrators. */
  async invite(body: object = {}): Promise<string> {
    const answer = await this.send('POST', '/invitations', body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return (answer.body as unknown as CreatedInvitation).url.split('#')[1] ?? '';
  }

  async #signedIn(path: string, body: object): Promise<SignedIn> {
    this.accessToken = null;
    const answer = await this.send('POST', path, body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    const signedIn = answer.body as unknown as SignedIn;
    this.accessToken = signedIn.accessToken;
    return signedIn;
  }
}
