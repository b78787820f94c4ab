import { Identity, randomBytes } from '@stt/crypto'
import { Initiator } from '@stt/handshake'
import { dialWebSocket } from '@stt/transport-ws'
import { afterEach, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode } from './nodes.ts'

const closers: (() => unknown)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

// spec: STT-WS-30
test('a message link carries several handshakes until it has a session, and then only the packets of that session', async () => {
  const seed = Seed.generate()
  const node = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const link = await dialWebSocket(node.addresses[0]!)
  closers.push(() => link.close())
  const closed = new Promise<Error | undefined>(resolve => {
    link.onClose = resolve
  })
  const waiting: ((message: Uint8Array) => void)[] = []
  link.onPacket = message => waiting.shift()!(message.slice())
  const answerTo = (message: Uint8Array): Promise<Uint8Array> => {
    link.send(message)
    return new Promise(resolve => waiting.push(resolve))
  }
  const [first, second, third] = [dialer(seed), dialer(seed), dialer(seed)] as const
  const responses = await Promise.all([first, second].map(each => answerTo(each.createHello(0))))
  const wrong = third.createHello(0)
  wrong[wrong.length - 1]! ^= 1
  link.send(wrong)
  expect(first.processResponse(responses[0]!, 0)).toBeDefined()
  const final = await answerTo(second.processResponse(responses[1]!, 0)!)
  expect(second.processFinal(final, 0)?.peerId).toEqual(node.id)
  expect(node.getStatistics().sessions).toBe(1)
  link.send(third.createHello(0))
  expect(await closed).toMatchObject({ details: { closeCode: 1000 } })
  // The session waits for its peer to come over another link.
  expect(node.getStatistics().sessions).toBe(1)
})

const dialer = (seed: Seed): Initiator =>
  new Initiator({
    keys: seed.deriveKeys(),
    identity: Identity.fromPrivateKey(randomBytes(32)),
    entropy: randomBytes,
    limits: {
      idleTimeout: 30_000,
      maxData: 1,
      maxStreamData: 1,
      maxDatagram: 1,
      maxMessage: 1,
      maxStreamsBidi: 0,
      maxStreamsUni: 0,
    },
    localCid: randomBytes(8),
    datagram: false,
    suites: [1],
  })
