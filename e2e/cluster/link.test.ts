import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Link } from './link.ts';

let link: Link;
let received = '';
const open: Socket[] = [];
const server = createServer((socket) => {
  open.push(socket);
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    received += String(data);
    socket.write(`${String(data)} back`);
  });
});

beforeEach(async () => {
  received = '';
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  link = await Link.to((server.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await link.close();
  await new Promise((resolve) => server.close(resolve));
});

interface Sender {
  readonly socket: Socket;
  readonly state: { answers: string; error: string };
}

async function sender(localAddress: string): Promise<Sender> {
  const socket = connect({ port: link.port, host: '127.0.0.1', localAddress });
  open.push(socket);
  const state = { answers: '', error: '' };
  socket.on('data', (data) => (state.answers += String(data)));
  socket.on('error', (error: NodeJS.ErrnoException) => (state.error = error.code ?? ''));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, state };
}

it('what is sent into a cut link arrives when it is healed, and others are not cut', async () => {
  const one = await sender('127.0.0.11');
  const other = await sender('127.0.0.12');
  one.socket.write('first');
  await vi.waitFor(() => expect(one.state.answers).toBe('first back'));
  link.cut('127.0.0.11');
  one.socket.write('held');
  other.socket.write('passes');
  await vi.waitFor(() => expect(other.state.answers).toBe('passes back'));
  expect(received).toBe('firstpasses');
  link.heal('127.0.0.11', 'arrives');
  await vi.waitFor(() => expect(one.state.answers).toBe('first backheld back'));
});

it('a connection that is begun while the link is cut stays silent until it is healed', async () => {
  link.cut('127.0.0.11');
  const late = await sender('127.0.0.11');
  const other = await sender('127.0.0.12');
  late.socket.write('late');
  other.socket.write('passes');
  await vi.waitFor(() => expect(other.state.answers).toBe('passes back'));
  expect(received).toBe('passes');
  link.heal('127.0.0.11', 'arrives');
  await vi.waitFor(() => expect(late.state.answers).toBe('late back'));
});

it('a link that is healed by a reset ends its connections and loses what was sent', async () => {
  const one = await sender('127.0.0.11');
  one.socket.write('first');
  await vi.waitFor(() => expect(one.state.answers).toBe('first back'));
  link.cut('127.0.0.11');
  one.socket.write('lost');
  link.heal('127.0.0.11', 'resets');
  await vi.waitFor(() => expect(one.state.error).toBe('ECONNRESET'));
  const again = await sender('127.0.0.11');
  again.socket.write('again');
  await vi.waitFor(() => expect(again.state.answers).toBe('again back'));
  expect(received).toBe('firstagain');
});
