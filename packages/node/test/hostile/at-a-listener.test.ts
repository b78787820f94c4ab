import { Identity, provider, randomBytes } from '@stt/crypto'
import { FrameReader, FrameType, type FrameVisitor } from '@stt/frame'
import { Initiator } from '@stt/handshake'
import { expect, test } from 'vitest'
import { Seed, type Stream } from '../../src/index.ts'
import { createNode, first } from '../nodes.ts'
import { frame } from './hostile-frames.ts'
import { GENEROUS, hostilePeer, openWire } from './hostile-peer.ts'

const MIB = 1024 * 1024
const PING = Uint8Array.of(FrameType.Ping)
/** The type of the handshake's last message. */
const FINAL = 3

test('messages that never end hold only what the windows allow, however many wait for a place, and get no credit', async () => {
  const seed = Seed.generate()
  const limits = { sessionWindow: 4 * MIB, maxSessionWindow: 4 * MIB }
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits })
  const accepting = first(server.sessions())
  const wire = await openWire(server.addresses[0]!)
  const peer = await hostilePeer(wire, seed)
  let answered = (): void => {}
  let { maxData: granted } = peer.limits
  const grantedTo = new Map<number, number>()
  let closed = ''
  const nothing = (): void => {}
  const visitor: FrameVisitor = {
    onMaxData: max => void (granted = Math.max(granted, max)),
    onMaxStreamData: (id, max) => void grantedTo.set(id, Math.max(grantedTo.get(id) ?? 0, max)),
    onStream: nothing,
    onReset: nothing,
    onStop: nothing,
    onMaxStreams: nothing,
    onPing: nothing,
    onAck: () => answered(),
    onJoin: nothing,
    onPathChallenge: nothing,
    onPathResponse: nothing,
    onClose(_app, _code, reason) {
      closed = reason
      answered()
    },
    onHandshakeDone: nothing,
    onDatagram: nothing,
  }
  const reader = new FrameReader(visitor)
  peer.onFrames = frames => void reader.read(frames, 0, frames.length)
  const roundTrip = (): Promise<void> => {
    const answer = new Promise<void>(resolve => {
      answered = resolve
    })
    peer.send(PING)
    return answer
  }
  peer.send(Uint8Array.of(FrameType.HandshakeDone))
  const session = await accepting
  const messages: Uint8Array[] = []
  session.onStream(async (stream: Stream) => {
    for await (const message of stream.messages()) messages.push(message)
  })

  // What credit allows and not a byte more: nothing here breaks a rule. Each stream begins with the length of its message.
  const start = Uint8Array.of(0x80, 0x1f, 0xff, 0xff)
  const sentOn = new Map<number, number>()
  let sent = 0
  const put = (id: number, data: Uint8Array): void => {
    const at = sentOn.get(id) ?? 0
    peer.send(frame(FrameType.Stream, id, at, data.length, data))
    sentOn.set(id, at + data.length)
    sent += data.length
  }
  for (let before = -1; sent > before && closed === '' && sent < 16 * MIB; ) {
    before = sent
    for (let index = 0; index < peer.limits.maxStreamsUni; index++) {
      const id = 4 * index + 2
      // One byte of each message never comes.
      const window = Math.min(grantedTo.get(id) ?? peer.limits.maxStreamData, start.length + 0x1f_ffff - 1)
      if (!sentOn.has(id) && granted - sent >= start.length) put(id, start)
      for (;;) {
        const length = Math.min(60_000, window - (sentOn.get(id) ?? 0), granted - sent)
        if (length <= 0) break
        put(id, new Uint8Array(length))
      }
    }
    for (let i = 0; i < 3; i++) await roundTrip()
  }
  expect(closed).toBe('')
  expect(granted).toBe(4 * MIB)
  expect(sent).toBeGreaterThan(2 * MIB)
  const { memoryHeld, sessions } = server.getStatistics()
  expect(memoryHeld).toBeGreaterThan(2 * MIB)
  expect(memoryHeld).toBeLessThan(5 * MIB)
  expect([sessions, messages]).toEqual([1, []])
  // It goes as one that is not hostile: its session is not kept for its return.
  peer.send(frame(FrameType.Close, Uint8Array.of(1), 0, 0))
  await session.closed
  wire.close()
})

// spec: STT-HS-46
test.each([
  [7, true],
  [8, false],
])('the true AUTH_PROOF is answered over UDP after %i that fail: %s', async (wrong, isAnswered) => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const wire = await openWire(server.addresses[0]!)
  const keys = seed.deriveKeys()
  const initiator = new Initiator({
    keys,
    identity: Identity.generate(),
    entropy: randomBytes,
    limits: GENEROUS,
    localCid: randomBytes(8),
    datagram: true,
    suites: [1],
  })
  const arrived: Uint8Array[] = []
  let wake = (): void => {}
  wire.onBytes = bytes => {
    arrived.push(bytes)
    wake()
  }
  const next = async (): Promise<Uint8Array> => {
    while (arrived.length === 0) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return arrived.shift()!
  }
  wire.send(initiator.createHello(performance.now()))
  expect(initiator.processResponse(await next(), performance.now())).toBeDefined()
  const [proof] = initiator.proofMessages as [Uint8Array]
  for (let i = 0; i < wrong; i++) {
    const bad = proof.slice()
    bad[40]! ^= 1 + i
    const end = bad.length - 16
    bad.set(provider.hmac(keys.mac1, bad.subarray(0, end)).subarray(0, 16), end)
    wire.send(bad)
  }
  await expect.poll(() => server.getStatistics().badNoise).toBe(wrong)
  // As many as there can be: none is looked into once the run has ended.
  for (let i = 0; i < 20; i++) wire.send(proof)
  if (isAnswered) {
    expect((await next())[0]! & 0x7f).toBe(FINAL)
    expect(server.getStatistics().accepted).toBe(1)
  } else {
    await expect.poll(() => server.getStatistics().unknownRun).toBe(20)
    expect([arrived, server.getStatistics().badNoise, server.getStatistics().accepted]).toEqual([[], wrong, 0])
  }
  expect(server.getStatistics().pending).toBe(isAnswered ? 1 : 0)
  // Whoever does it locks nobody out.
  const honest = await createNode({ seed })
  expect(await (await honest.connect(server.addresses)).ping()).toBeGreaterThanOrEqual(0)
  wire.close()
})
