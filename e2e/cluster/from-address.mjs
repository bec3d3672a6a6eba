/**
 * Preloaded into the server of a test: its connections to 127.0.0.1 come from the address of CONCORD_TEST_FROM, another one
 * of the loopback network, so that links can tell nodes apart (link.ts).
 */
import { Socket } from 'node:net';
import process from 'node:process';

const localAddress = process.env.CONCORD_TEST_FROM;
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  // `net.connect` hands its arguments on as one array, with the options first.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (options?.host === '127.0.0.1') options.localAddress ??= localAddress;
  return connect.apply(this, args);
};
