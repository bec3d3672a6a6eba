import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { clientMessages } from './client-messages.ts';
import { serverMessages } from './server-messages.ts';
import { PROTOCOL_VERSION } from './version.ts';

it('message schemas match the hash of their protocol version', () => {
  const shape = Object.entries({ ...clientMessages, ...serverMessages }).map(([name, schema]) => [
    name,
    z.toJSONSchema(schema, { unrepresentable: 'any' }),
  ]);
  const hash = createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
  // Changed a message? Raise PROTOCOL_VERSION, write the reason in docs/protocol.md, then renew this pair.
  expect({ version: PROTOCOL_VERSION, hash }).toEqual({ version: 4, hash: '3cf370a95ed9d51e' });
});
