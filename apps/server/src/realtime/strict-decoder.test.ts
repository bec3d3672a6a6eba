import { PacketType, type Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { NOT_AN_EVENT, StrictDecoder } from './strict-decoder.ts';

function decode(...messages: unknown[]): Packet[] {
  const decoder = new StrictDecoder();
  const packets: Packet[] = [];
  decoder.on('decoded', (packet: Packet) => packets.push(packet));
  for (const message of messages) decoder.add(message);
  return packets;
}

describe('packets of this protocol', () => {
  it('are one CONNECT, events of a name and at most one body, and DISCONNECT', () => {
    expect(decode('0{"guestToken":"x"}', '2["leave"]', '2["submit",{"seq":1}]', '1')).toEqual([
      { type: PacketType.CONNECT, nsp: '/', data: { guestToken: 'x' } },
      { type: PacketType.EVENT, nsp: '/', data: ['leave'] },
      { type: PacketType.EVENT, nsp: '/', data: ['submit', { seq: 1 }] },
      { type: PacketType.DISCONNECT, nsp: '/' },
    ]);
  });
});

describe('events of another shape are told apart from all names', () => {
  for (const text of [
    ...['2[1]', '2[1,{}]', '2[-1e308,{}]', '2["join",{},{}]', `2[${'1,'.repeat(60_000)}1]`, '2'],
    ...['20["join",{}]', '2421["join",{}]', `2${'9'.repeat(400)}["join"]`, '2 ["join"]'],
  ]) {
    it(text.slice(0, 40), () =>
      expect(decode(text)).toEqual([{ type: PacketType.EVENT, nsp: '/', data: [NOT_AN_EVENT] }]),
    );
  }
});

describe('packets that are refused with their connection', () => {
  for (const messages of [
    ['0', '0'],
    ['0', '0{}'],
    ['0/other,'],
    ['0/other,{}'],
    ['0null'],
    ['0[]'],
    ['2/other,["join"]'],
    ['2{}'],
    ['2null'],
    ['2["join"'],
    ['2["disconnect"]'],
    ['2["newListener"]'],
    ['1{}'],
    ['3[]'],
    ['30[1]'],
    ['4"x"'],
    ['4{"message":"x"}'],
    ['51-["submit",{"_placeholder":true,"num":0}]'],
    ['59999999-["submit"]'],
    ['61-[]'],
    ['7'],
    [''],
    ['x'],
    ['\u0000'],
    [Buffer.from('2["join"]')],
    [new ArrayBuffer(8)],
    [null],
    [undefined],
    [{ base64: true, data: 'AA==' }],
  ] as unknown[][]) {
    it(messages.map((message) => JSON.stringify(message) ?? 'undefined').join(' '), () => {
      expect(() => decode(...messages)).toThrow();
    });
  }
});
