import { describe, expect, test } from 'vitest'
import { concat, decode, hex, rawFrame, repeat } from '../test/bytes.ts'
import { deferred } from '../test/pair.ts'
import { RawPeer } from '../test/raw-peer.ts'
import { accept, rawServer } from '../test/raw-server.ts'
import type { FrameEvent } from './codec/decoder.ts'
import { dialWebSocket } from './dial.ts'
import { listenWebSocket } from './listen.ts'
import type { WebSocketLink } from './websocket-link.ts'

// RFC 6455 by sections, through sockets, against our server and our client. The tested end echoes each packet.

/** Writes one frame as the other end of the tested one has to. */
type Frame = (first: number, payload?: Uint8Array) => Uint8Array

interface Case {
  readonly name: string
  readonly say: (frame: Frame) => Uint8Array
  /** The answer before the Close. The case closes with 1000 itself unless it fails the connection. */
  readonly hear?: readonly FrameEvent[]
  readonly close?: number | undefined
}

const none = new Uint8Array(0)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const echoed = (...packets: Uint8Array[]): FrameEvent[] => packets.map(data => ({ type: 'message', data }))
const pong = (data: Uint8Array): FrameEvent => ({ type: 'pong', data })

const sections: Record<string, readonly Case[]> = {
  '§5.2 base framing': [
    ...[0, 1, 125, 126, 127, 128, 65_534, 65_535].map(size => ({
      name: `a message of ${size} bytes`,
      say: (frame: Frame) => frame(0x82, new Uint8Array(size).fill(size)),
      hear: echoed(new Uint8Array(size).fill(size)),
    })),
    ...[0x40, 0x20, 0x10, 0x70].map(bits => ({
      name: `reserved bits ${bits.toString(16)}`,
      say: (frame: Frame) => concat(frame(0x82, text('a')), frame(0x82 | bits, text('b'))),
      hear: echoed(text('a')),
      close: 1002,
    })),
    ...[0x3, 0x7, 0xb, 0xf].map(opcode => ({
      name: `opcode ${opcode}`,
      say: (frame: Frame) => frame(0x80 | opcode),
      close: 1002,
    })),
    { name: 'text', say: frame => frame(0x81, text('a')), close: 1003 },
    { name: '65,536 bytes', say: frame => frame(0x82, new Uint8Array(65_536)), close: 1009 },
  ],
  '§5.4 fragmentation': [
    {
      name: 'three fragments',
      say: frame => concat(frame(0x02, text('a')), frame(0x00, text('b')), frame(0x80, text('c'))),
      hear: echoed(text('abc')),
    },
    { name: 'empty fragments', say: frame => concat(frame(0x02), frame(0x00), frame(0x80)), hear: echoed(none) },
    {
      name: '16 fragments',
      say: frame => concat(frame(0x02, text('a')), repeat(frame(0x00, text('b')), 14), frame(0x80)),
      hear: echoed(text(`a${'b'.repeat(14)}`)),
    },
    {
      name: '17 fragments',
      say: frame => concat(frame(0x02, text('a')), repeat(frame(0x00, text('b')), 15), frame(0x80)),
      close: 1008,
    },
    {
      name: 'a Ping between fragments',
      say: frame => concat(frame(0x02, text('a')), frame(0x89, text('p')), frame(0x80, text('b'))),
      hear: [pong(text('p')), ...echoed(text('ab'))],
    },
    { name: 'a continuation of nothing', say: frame => frame(0x80, text('a')), close: 1002 },
    {
      name: 'a continuation after the last fragment',
      say: frame => concat(frame(0x02), frame(0x80), frame(0x80)),
      hear: echoed(none),
      close: 1002,
    },
    {
      name: 'a message inside a message',
      say: frame => concat(frame(0x02, text('a')), frame(0x82, text('b'))),
      close: 1002,
    },
    {
      name: 'too long in fragments',
      say: frame => concat(frame(0x02, new Uint8Array(65_535)), frame(0x80, text('a'))),
      close: 1009,
    },
  ],
  '§5.5 control frames': [
    { name: 'an empty Ping', say: frame => frame(0x89), hear: [pong(none)] },
    {
      name: 'a Ping of 125 bytes',
      say: frame => frame(0x89, new Uint8Array(125).fill(1)),
      hear: [pong(new Uint8Array(125).fill(1))],
    },
    { name: 'a Ping of 126 bytes', say: frame => frame(0x89, new Uint8Array(126)), close: 1002 },
    { name: 'a fragmented Ping', say: frame => frame(0x09), close: 1002 },
    {
      name: 'an unsolicited Pong',
      say: frame => concat(frame(0x8a, text('x')), frame(0x82, text('a'))),
      hear: echoed(text('a')),
    },
    { name: 'ten Pings', say: frame => repeat(frame(0x89, text('p')), 10), hear: Array(10).fill(pong(text('p'))) },
  ],
  '§5.5.1, §7 close': [
    { name: 'without a code', say: frame => frame(0x88), close: undefined },
    ...[1000, 1001, 1003, 1011, 3000, 4999].map(code => ({
      name: `code ${code}`,
      say: (frame: Frame) => frame(0x88, u16(code)),
      close: code,
    })),
    { name: 'code and reason', say: frame => frame(0x88, concat(u16(1000), text('bye'))), close: 1000 },
    { name: 'a reason of 123 bytes', say: frame => frame(0x88, concat(u16(1000), text('x'.repeat(123)))), close: 1000 },
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map(code => ({
      name: `code ${code}`,
      say: (frame: Frame) => frame(0x88, u16(code)),
      close: 1002,
    })),
    { name: 'one byte', say: frame => frame(0x88, hex('03')), close: 1002 },
    { name: 'a reason that is not UTF-8', say: frame => frame(0x88, hex('03e8cebae1bdb9cf83ceb2f3')), close: 1007 },
    {
      name: 'two Closes, then a message',
      say: frame => concat(frame(0x88, u16(1000)), frame(0x88, u16(1001)), frame(0x82)),
      close: 1000,
    },
    {
      name: 'a Close inside a message',
      say: frame => concat(frame(0x02, text('a')), frame(0x88, u16(1000))),
      close: 1000,
    },
  ],
}

describe.each(['server', 'client'] as const)('our %s', role => {
  const key = role === 'server' ? hex('37fa213d') : undefined
  const frame: Frame = (first, payload = none) => rawFrame(first, payload, key)
  const peerRole = role === 'server' ? 'client' : 'server'

  describe.each(Object.entries(sections))('%s', (_section, cases) => {
    test.each(cases)('$name', async ({ say, hear = [], ...rest }) => {
      await using subject = await start(role)
      const close = 'close' in rest ? rest.close : 1000
      subject.peer.write(say(frame))
      if (!('close' in rest)) subject.peer.write(frame(0x88, u16(1000)))
      const heard = await subject.peer.readUntil(bytes => decode(peerRole, bytes).some(event => event.type === 'close'))
      const events = decode(peerRole, heard)
      expect(events.slice(0, -1)).toEqual(hear)
      expect(events.at(-1)).toMatchObject({ type: 'close', code: close })
      subject.peer.socket.end()
      expect(await subject.closed).toBeInstanceOf(Error)
    })
  })

  test('§5.1 masking: frames of the tested end, and frames masked against the rule', async () => {
    await using subject = await start(role)
    subject.peer.write(
      concat(frame(0x82, text('a')), rawFrame(0x82, text('b'), role === 'server' ? undefined : hex('01020304'))),
    )
    const heard = await subject.peer.readUntil(bytes => decode(peerRole, bytes).some(event => event.type === 'close'))
    expect(decode(peerRole, heard)).toMatchObject([{ type: 'message' }, { type: 'close', code: 1002 }])
    subject.peer.socket.end()
    await subject.closed
  })
})

/** The tested end, echoing, and the test's own end of its connection. */
async function start(
  role: 'server' | 'client',
): Promise<{ peer: RawPeer; closed: Promise<Error | undefined> } & AsyncDisposable> {
  const closed = deferred<Error | undefined>()
  const use = (link: WebSocketLink): void => {
    link.onPacket = packet => void link.send(packet)
    link.onClose = closed.resolve
  }
  if (role === 'server') {
    const listener = await listenWebSocket()
    listener.onLink = use
    const peer = await RawPeer.upgraded(listener.address)
    return { peer, closed: closed.promise, [Symbol.asyncDispose]: () => listener.close() }
  }
  const accepted = deferred<RawPeer>()
  const server = await rawServer(async peer => {
    await accept(peer)
    accepted.resolve(peer)
  })
  use(await dialWebSocket(server.address))
  return {
    peer: await accepted.promise,
    closed: closed.promise,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() as Promise<void>,
  }
}

function u16(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 255)
}
