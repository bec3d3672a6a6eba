/** nginx in front of nodes, as the examples of deployment have it. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findNginx } from '../../scripts/find-nginx.mjs';
import { freePort } from '../../scripts/mongodb/database.mjs';

/**
 * `roundRobin`: any node gets any connection. `hash`: connections of a document get to the same node while it lives.
 * `byClient`: client 0 gets to the first node while it lives, client 1 to the second, and so on. `first`: all get to the
 * first node while it lives.
 */
export type Balancing = 'roundRobin' | 'hash' | 'byClient' | 'first';

export interface NginxOptions {
  readonly directory: string;
  readonly balancing: Balancing;
  readonly ports: readonly number[];
  /** How many addresses clients may have: limits are counted by address. At most 60,000. */
  readonly clients: number;
}

export interface Nginx {
  /** What it logged last: connections that failed, and requests for which no node was left. */
  readonly log: () => string;
  /** Origin by which one client connects: the nodes take it for the address of that client. */
  readonly url: (client: number) => string;
  stop(): Promise<void>;
}

const LOG_CHARACTERS = 3_000;

/** All of these are addresses of the loopback network on Linux. */
const addressOf = (client: number): string => `127.1.${client >> 8}.${client & 255}`;

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(options, port));
  const program = findNginx();
  if (program === undefined) throw new Error('nginx is not installed.');
  const child = spawn(program, ['-p', directory, '-c', file, '-e', join(directory, 'error.log')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = (client: number): string => `http://${addressOf(client)}:${port}`;
  while (!(await answers(`${url(0)}/livez`))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}.`);
    await sleep(50);
  }
  return {
    url,
    log: () => readFileSync(join(directory, 'error.log'), 'utf8').slice(-LOG_CHARACTERS),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

function configuration(
  { directory, balancing, ports, clients }: NginxOptions,
  port: number,
): string {
  const listens = Array.from(
    { length: clients },
    (_, client) => `listen ${addressOf(client)}:${port};`,
  );
  /** @param suffix of a group whose nodes are left out when they fail, or for connections, which are refused with 503 */
  const upstreamsNamed = (suffix: '' | '_connections'): readonly string[] => {
    // As in deploy/nginx.conf: a node that refuses a connection is not left out.
    const fails = suffix === '' ? 'max_fails=1 fail_timeout=1s' : 'max_fails=0';
    // Of a node that is the last one left, a failure must not take it out as well.
    const preferring = (own: number, name: string): string => {
      const others = ports.filter((each) => each !== own);
      const backups = others.map((each) => `server 127.0.0.1:${each} max_fails=0 backup;`);
      return `upstream ${name} { server 127.0.0.1:${own} ${fails}; ${backups.join(' ')} }`;
    };
    const all = ports.map((each) => `server 127.0.0.1:${each} ${fails};`).join(' ');
    return {
      roundRobin: () => [`upstream nodes${suffix} { ${all} }`],
      hash: () => [`upstream nodes${suffix} { hash $arg_doc consistent; ${all} }`],
      first: () => [preferring(ports[0] ?? 0, `nodes${suffix}`)],
      byClient: () => ports.map((own, index) => preferring(own, `node${index}${suffix}`)),
    }[balancing]();
  };
  const upstreams = [...upstreamsNamed(''), ...upstreamsNamed('_connections')];
  const choices =
    balancing === 'byClient'
      ? ports.map((_, index) => `${addressOf(index)} node${index};`)
      : ['default nodes;'];
  return `
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${directory}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path ${directory}/bodies;
  proxy_temp_path ${directory}/answers;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  # The address that a client chose to connect to stands for its own.
  map $server_addr $client { "~^127\\.1\\.(?<rest>.*)$" 10.1.$rest; }
  map $server_addr $upstream { ${choices.join(' ')} }
  ${upstreams.join('\n  ')}
  server {
    ${listens.join('\n    ')}
    client_max_body_size 20m;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Forwarded-For $client;
    proxy_set_header X-Forwarded-Proto http;
    proxy_connect_timeout 1s;
    proxy_read_timeout 60s;
    proxy_next_upstream_tries 3;
    proxy_buffering off;
    location /socket.io/ {
      proxy_pass http://\${upstream}_connections;
      proxy_next_upstream error timeout http_503;
    }
    location / {
      proxy_pass http://$upstream;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}
