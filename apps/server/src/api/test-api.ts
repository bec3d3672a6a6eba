/** For tests: the HTTP side over a store in memory, listening on loopback, and people who ask it. */
import type { AddressInfo } from 'node:net';
import { randomId, type DocumentResource } from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import { accountScene, nowhere, type AccountScene } from '../accounts/test-accounts.ts';
import type { Config } from '../platform/config.ts';
import { OriginRules } from '../http/origin.ts';
import { createHttp, type HttpOptions } from '../http-server.ts';
import { RefusedSenders } from '../http/refused-senders.ts';
import { SearchIndexing } from '../jobs/indexing.ts';
import type { InProcessEvents } from '../platform/domain-events.ts';
import type { DocumentHandles } from '../documents/document-handle.ts';
import { testContext, type TestContext } from './test-context.ts';

/** What a request says about who sends it. */
export type Headers = Readonly<Record<string, string>>;

export class Answer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly text: string;

  constructor(response: Response, text: string) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
  }

  /** The body, which the test knows. */
  json<T>(): T {
    return JSON.parse(this.text) as T;
  }

  /** `code` of a problem; the status of anything else. */
  get code(): string {
    const isProblem = this.headers.get('content-type')?.startsWith('application/problem+json');
    return isProblem === true ? this.json<{ code: string }>().code : String(this.status);
  }
}

export class ApiScene {
  readonly context: TestContext;
  readonly #accounts: AccountScene;
  readonly #app: FastifyInstance;
  readonly #indexing: SearchIndexing;
  readonly url: string;

  private constructor(
    context: TestContext,
    accounts: AccountScene,
    app: FastifyInstance,
    indexing: SearchIndexing,
  ) {
    this.context = context;
    this.#accounts = accounts;
    this.#app = app;
    this.#indexing = indexing;
    this.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }

  /** @param elsewhere the documents, when their owners are not in this process */
  static async open(
    changed: Partial<Config> = {},
    elsewhere: DocumentHandles | null = null,
    routing: HttpOptions['routing'] = null,
  ): Promise<ApiScene> {
    const accounts = await accountScene('open', changed);
    const config: Config = { ...accounts.config, requestsPerMinute: 1_000_000, ...changed };
    const context = testContext(accounts, config, elsewhere);
    const { store, handles, log } = context;
    const indexing = new SearchIndexing({ store, handles, log, events: accounts.events });
    const app = await createHttp({
      ...context,
      origins: new OriginRules(config),
      refused: new RefusedSenders(log),
      routing,
      isReady: () => true,
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return new ApiScene(context, accounts, app, indexing);
  }

  get events(): InProcessEvents {
    return this.#accounts.events;
  }

  async close(): Promise<void> {
    await this.#indexing.stop();
    await this.context.documents.stop();
    await this.#app.close();
    await this.context.store.close();
  }

  /** @param body a string is sent as Markdown, anything else as JSON */
  async ask(
    who: Headers,
    method: string,
    path: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer> {
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    const type = isText ? 'text/markdown' : 'application/json';
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': type }), ...who, ...headers },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    return new Answer(response, await response.text());
  }

  /** Headers of a new guest. */
  guest(): Headers {
    return { guestToken: randomId() };
  }

  async account(userName: string): Promise<Headers & { userId: string }> {
    const userId = await this.#accounts.addAccount(userName);
    const { signedIn } = await this.context.services.authSessions.start(userId, nowhere);
    return { authorization: `Bearer ${signedIn.accessToken}`, userId };
  }

  /** Throws unless it succeeds. */
  async create(who: Headers, body: object = {}): Promise<DocumentResource> {
    const answer = await this.ask(who, 'POST', '/api/v1/documents', body);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.json();
  }

  async userIdOf(who: Headers): Promise<string> {
    return (await this.ask(who, 'GET', '/api/v1/me')).json<{ userId: string }>().userId;
  }
}
