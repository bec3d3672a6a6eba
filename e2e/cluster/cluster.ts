/** Database, nodes and nginx as processes, with links between them that can be cut. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateDocument, DocumentId, DocumentResource } from '@concord/protocol';
import { freePort } from '../../scripts/mongodb/database.mjs';
import { TestDatabase } from './database.ts';
import { Link } from './link.ts';
import { startNginx, type Balancing, type Nginx } from './nginx.ts';
import { TestNode } from './node.ts';

/** A minute or more: a busy machine takes long to start nodes. */
const ATTEMPTS = 120;

export interface ClusterOptions {
  readonly directory: string;
  readonly nodes: number;
  readonly balancing: Balancing;
  /** How many clients get an address of their own. */
  readonly clients: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export class TestCluster {
  readonly database: TestDatabase;
  readonly nodes: readonly TestNode[];
  readonly nginx: Nginx;

  static async start(options: ClusterOptions): Promise<TestCluster> {
    const { directory, environment = {} } = options;
    const database = await TestDatabase.start(join(directory, 'database'));
    const nodes: TestNode[] = [];
    for (let index = 0; index < options.nodes; index += 1) {
      const port = await freePort();
      const [toDatabase, toNode] = [await Link.to(database.port), await Link.to(port)];
      nodes.push(
        new TestNode({
          name: `node-${index + 1}`,
          from: `127.0.0.${11 + index}`,
          port,
          dataDirectory: join(directory, `node-${index + 1}`),
          toDatabase,
          databaseUrl: database.url(toDatabase.port),
          toNode,
          environment,
        }),
      );
    }
    try {
      await Promise.all(nodes.map((node) => node.start()));
      return new TestCluster(database, nodes, await nginxBefore(nodes, options));
    } catch (error) {
      await Promise.all(nodes.map((node) => node.kill()));
      await database.stop();
      throw error;
    }
  }

  private constructor(database: TestDatabase, nodes: readonly TestNode[], nginx: Nginx) {
    this.database = database;
    this.nodes = nodes;
    this.nginx = nginx;
  }

  /** By one client, as a new guest; anyone with its address may edit it. */
  async createDocument(client: number, body: CreateDocument = {}): Promise<DocumentId> {
    const response = await untilServed(`${this.nginx.url(client)}/api/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anyone: 'editor', ...body }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return ((await response.json()) as DocumentResource).id;
  }

  async readText(client: number, id: DocumentId): Promise<string> {
    const response = await untilServed(`${this.nginx.url(client)}/d/${id}.md`);
    if (!response.ok) throw new Error(await response.text());
    return response.text();
  }

  /** Ends of nodes that nothing here had asked for. */
  get unexpectedEnds(): readonly string[] {
    return this.nodes.flatMap(({ unexpectedEnds }) => unexpectedEnds);
  }

  /** Stops the nodes in order. @returns their exit codes */
  async stopNodes(): Promise<readonly (number | null)[]> {
    return Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** Ends every process, whatever state it is in. */
  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await this.nginx.stop();
    await this.database.stop();
    for (const { options } of this.nodes) {
      await options.toDatabase.close();
      await options.toNode.close();
    }
  }
}

/** Asks again while no node can serve it, as programs do: where a node says so, or where nginx has no node. */
async function untilServed(url: string, init?: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(url, init);
    const isOfNginx = response.headers.get('content-type') === 'text/html';
    const mayRepeat = response.status === 503 || (response.status === 502 && isOfNginx);
    if (!mayRepeat || attempt === ATTEMPTS) return response;
    console.log(`${new URL(url).pathname} was answered with ${response.status}${isOfNginx ? ' by nginx' : ''}`); // prettier-ignore
    await response.body?.cancel();
    await sleep(500);
  }
}

function nginxBefore(
  nodes: readonly TestNode[],
  { directory, balancing, clients }: ClusterOptions,
): Promise<Nginx> {
  const ports = nodes.map(({ options: { port } }) => port);
  return startNginx({ directory: join(directory, 'nginx'), balancing, ports, clients });
}
