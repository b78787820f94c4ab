import { setTimeout as delay } from 'node:timers/promises'
import type { WebSocketLink } from '@stt/transport-ws'
import { expect, onTestFinished, test } from 'vitest'
import { circuitTo, deferred, ListeningNode, Party } from '../test/client.ts'
import { sendAll, takeAll } from '../test/transfer.ts'
import { listenRelay } from './listen-relay.ts'

const RATE = 2 * 1_048_576
const COUNT = 300
const SIZE = 60_000

// relay-rate of the scenarios. The rate is the relay's, so that a machine with other work to do has time left.
// spec: STT-RLY-13 STT-RLY-14
test('beside twenty circuits whose readers are slow a fast one keeps nine tenths of its rate', async () => {
  const relay = await listenRelay({ udpPorts: false, limits: { rate: RATE, burst: 65_535, circuitsPerListener: 64 } })
  onTestFinished(() => relay.close())
  const party = new Party()
  const node = new ListeningNode(relay.url, party)
  await node.until('listening')
  const links: WebSocketLink[] = []
  onTestFinished(() => {
    node.stop()
    for (const link of links) link.close()
  })
  const circuit = async (): Promise<{ dialer: WebSocketLink; acceptor: WebSocketLink }> => {
    const next = deferred<WebSocketLink>()
    node.onCircuit = next.resolve
    const ends = {
      dialer: await circuitTo(relay.url, party.access, { dial: party.mailboxes }),
      acceptor: await next.promise,
    }
    links.push(ends.dialer, ends.acceptor)
    return ends
  }
  const timed = async (): Promise<number> => {
    const { dialer, acceptor } = await circuit()
    const begun = performance.now()
    const got = takeAll(acceptor, COUNT)
    expect(await sendAll(dialer, COUNT, SIZE)).toBe(await got)
    return performance.now() - begun
  }

  const alone = await timed()
  for (let i = 0; i < 20; i++) {
    const { dialer, acceptor } = await circuit()
    // A message now and then, while more than enough waits.
    void takeAll(acceptor, 1e6, () => delay(1_000)).catch(() => {})
    void sendAll(dialer, 1e6, SIZE)
  }
  // Until all that waits anywhere is full: before that they are no slower than others.
  for (let last = 0, moved = Infinity; moved > RATE / 2; ) {
    await delay(500)
    const { bytes } = relay.getStatistics()
    moved = bytes - last
    last = bytes
  }
  const beside = await timed()
  expect(relay.getStatistics().circuits).toBe(22)
  expect(alone / beside).toBeGreaterThan(0.9)
})
