/** The built server with a collector of traces: OTLP over HTTP, on loopback. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectDocument } from '@concord/client/node';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const PATIENCE = { timeout: 120_000, interval: 100 };

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly status: { readonly code?: number };
}
interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

let collector: Server;
let bodies: string[];
let spans: Span[];
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(async () => {
  bodies = [];
  spans = [];
  directory = temporaryDirectory();
  collector = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const isTraces = request.method === 'POST' && request.url === '/v1/traces';
      response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
      if (!isTraces) return;
      const body = Buffer.concat(pieces).toString();
      bodies.push(body);
      const { resourceSpans } = JSON.parse(body) as Exported;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((s) => s.spans)));
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  directory.remove();
});

const collectorUrl = (): string => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;

it('a keystroke is a trace from its frame to the frame for all, and a request is one by its route', async () => {
  const server = await TestServer.start({
    dataDirectory: directory.path,
    environment: { CONCORD_OTLP_URL: collectorUrl(), OTEL_BSP_SCHEDULE_DELAY: '100' },
  });
  const { id } = await server.createDocument({ text: 'first\n' });
  const writer = connectDocument({ url: server.url, documentId: id });
  await writer.whenOpen();
  writer.insert(0, 'a secret');
  await writer.whenSynchronized();
  const named = (name: string): Span | undefined => spans.find((span) => span.name === name);
  await vi.waitFor(() => expect(named('operation')).toBeDefined(), PATIENCE);
  await writer.close();
  // Sends what is left.
  expect(await server.stop()).toBe(0);

  const operation = named('operation');
  const parts = spans.filter(({ parentSpanId }) => parentSpanId === operation?.spanId);
  const begun = parts.sort((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1));
  expect(begun.map(({ name }) => name)).toEqual(['transform', 'append', 'broadcast']);
  for (const { traceId, startTimeUnixNano, endTimeUnixNano } of parts) {
    expect(traceId).toBe(operation?.traceId);
    expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(
      BigInt(operation?.startTimeUnixNano ?? 0),
    );
    expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(BigInt(operation?.endTimeUnixNano ?? 0));
  }
  const request = named('POST /api/v1/documents');
  expect(request?.attributes).toContainEqual({
    key: 'http.response.status_code',
    value: { intValue: 201 },
  });
  expect(bodies.join()).not.toMatch(/a secret|first\\n/);
});

it('a collector that is away disturbs nothing, and does not keep the server from stopping', async () => {
  const server = await TestServer.start({
    dataDirectory: directory.path,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  });
  const { id } = await server.createDocument({ text: 'first\n' });
  expect(await server.readText(id)).toBe('first\n');
  expect(await server.stop()).toBe(0);
  expect(spans).toEqual([]);
});
