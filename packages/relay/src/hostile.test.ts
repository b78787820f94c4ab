import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { encodeAccept, encodeDial, encodeListen, hoursAt, proveAccess } from '@stt/rendezvous'
import type { WebSocketLink } from '@stt/transport-ws'
import { expect, onTestFinished, test } from 'vitest'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { recorder } from '../test/recorder.ts'
import { sendAll, takeAll } from '../test/transfer.ts'
import { listenRelay, type Relay } from './listen-relay.ts'
import type { ListenRelayOptions } from './relay-options.ts'

const none = () => new Uint8Array(0)

async function relayWith(options: ListenRelayOptions = {}): Promise<Relay> {
  const relay = await listenRelay({ limits: { rate: 2 ** 30, burst: 2 ** 30 }, ...options })
  onTestFinished(() => relay.close())
  return relay
}

/** A circuit between two honest nodes. */
async function honest(url: string, party = new Party()): Promise<{ dialer: WebSocketLink; acceptor: WebSocketLink }> {
  const node = new ListeningNode(url, party)
  const next = deferred<WebSocketLink>()
  node.onCircuit = next.resolve
  await node.until('listening')
  const dialer = await circuitTo(url, party.access, { dial: party.mailboxes })
  const acceptor = await next.promise
  onTestFinished(() => {
    node.stop()
    for (const link of [dialer, acceptor]) link.close()
  })
  return { dialer, acceptor }
}

/** Whether a transfer over the circuit arrives as it was sent, while `attack` goes on. */
async function staysWhole(ends: { dialer: WebSocketLink; acceptor: WebSocketLink }, attack: () => Promise<unknown>) {
  const got = takeAll(ends.acceptor, 300)
  const [sent] = await Promise.all([sendAll(ends.dialer, 300, 40_000), attack()])
  expect(await got).toBe(sent)
}

// spec: STT-RLY-7
test('wrong and repeated proofs get nothing, and take nothing from others', async () => {
  const party = new Party()
  const log: Uint8Array[] = []
  const relay = await relayWith({ keys: [party.access] })
  const spy = await recorder(
    () => relay.url,
    message => void log.push(message),
  )
  // Clients of the spy prove their access for the spy's name, which is not the relay's.
  const victim = new ListeningNode(spy.url, party)
  onTestFinished(() => victim.stop())
  await victim.until('refused')
  const seen = log.find(message => message[0] === 0xc1)!
  const ends = await honest(relay.url, party)
  await staysWhole(ends, async () => {
    for (let i = 0; i < 60; i++) {
      const raw = await Raw.dial(relay.url)
      const { nonce } = await raw.hear('greeting')
      const context = { authority: new URL(relay.url).host, nonce }
      if (i % 3 === 0) raw.say(seen)
      else if (i % 3 === 1) raw.say(encodeDial(party.mailboxes, none))
      else
        raw.say(encodeListen(party.claims([1]), (type, body) => proveAccess(new Party().access, context, type, body)))
      expect(await raw.hear('no')).toMatchObject({ reason: 'auth' })
      expect(await raw.ended).toMatchObject({ details: { closeCode: 1008 } })
    }
  })
  expect(relay.getStatistics()).toMatchObject({ listeners: 1, circuits: 1, tickets: 0 })
})

// spec: STT-RLY-11
test('a ticket that was seen on its way works only once', async () => {
  const log: Uint8Array[] = []
  const relay = await relayWith()
  const spy = await recorder(
    () => relay.url,
    message => void log.push(message),
  )
  const ends = await honest(spy.url)
  const accept = log.find(message => message[0] === 0xc4)!
  await staysWhole(ends, async () => {
    for (let i = 0; i < 20; i++) {
      const raw = await Raw.dial(relay.url)
      raw.say(accept)
      expect(await raw.hear('no')).toMatchObject({ reason: 'nobody' })
    }
  })
})

// spec: STT-RLY-17
test('a thousand LISTENs on one connection end it, and another goes on', async () => {
  const relay = await relayWith()
  const ends = await honest(relay.url)
  await staysWhole(ends, async () => {
    const raw = await Raw.dial(relay.url)
    for (let i = 0; i < 1_000; i++) raw.listen([{ mailbox: randomBytes(32), token: randomBytes(16) }])
    expect(await raw.hear('no')).toMatchObject({ reason: 'rate' })
    await raw.ended
  })
  expect(relay.getStatistics().listens).toBeLessThan(60)
  expect(relay.getStatistics().listeners).toBe(1)
})

// spec: STT-RLY-16
test('an address has a limited number of listeners, and a client that is refused may go', async () => {
  const relay = await relayWith()
  const all = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const raw = await Raw.dial(relay.url)
      raw.listen([{ mailbox: randomBytes(32), token: randomBytes(16) }])
      return raw
    }),
  )
  await expect.poll(() => relay.getStatistics().listens).toBe(40)
  // 20 at once, and as many more as seconds have passed.
  const { listeners, refused } = relay.getStatistics()
  expect(listeners).toBeGreaterThanOrEqual(20)
  expect(listeners + refused.rate).toBe(40)
  for (const { link } of all) link.close()
  await expect.poll(() => relay.getStatistics().listeners).toBe(0)
})

test('connections that send nothing, or half of a message, keep no other client out', async () => {
  const relay = await relayWith()
  const { hostname, port } = new URL(relay.url)
  const sockets: Socket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (let i = 0; i < 300; i++) {
    const socket = connect(Number(port), hostname).on('error', () => {})
    sockets.push(socket)
    if (i % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: x\r\nUpgra')
  }
  // And some that were upgraded and then stay silent.
  const silent = await Promise.all(Array.from({ length: 20 }, () => Raw.dial(relay.url)))
  const ends = await honest(relay.url)
  await staysWhole(ends, async () => {})
  for (const raw of silent) expect(await raw.ended).toMatchObject({ details: { closeCode: 1008 } })
  expect(relay.getStatistics()).toMatchObject({ listeners: 1, circuits: 1 })
})

// spec: STT-RLY-13
test('ends that do not read hold 256 KiB each, and an honest circuit goes on', async () => {
  const relay = await relayWith({ limits: { rate: 2 ** 30, burst: 2 ** 30, circuitsPerListener: 100 } })
  const party = new Party()
  const node = new ListeningNode(relay.url, party)
  onTestFinished(() => node.stop())
  const slow: WebSocketLink[] = []
  // Paused, and stays so.
  node.onCircuit = link => void slow.push(link)
  await node.until('listening')
  const dialers: WebSocketLink[] = []
  for (let i = 0; i < 10; i++) {
    const dialer = await circuitTo(relay.url, party.access, { dial: party.mailboxes })
    dialers.push(dialer)
    for (let sent = 0; sent < 16; sent++) dialer.send(new Uint8Array(65_535))
  }
  onTestFinished(() => {
    for (const link of [...dialers, ...slow]) link.close()
  })
  const ends = await honest(relay.url)
  await staysWhole(ends, async () => {})
  expect(relay.getStatistics().circuits).toBe(11)
})

test('a client that dials and goes again leaves nothing behind', async () => {
  const relay = await relayWith()
  const party = new Party()
  const listener = await Raw.dial(relay.url)
  listener.listen(party.claims(hoursAt(Math.floor(Date.now() / 1_000))))
  for (let i = 0; i < 15; i++) {
    const raw = await Raw.dial(relay.url)
    raw.say(encodeDial(party.mailboxes, none))
    const { ticket } = await listener.hear('incoming')
    raw.link.close()
    await expect.poll(() => relay.getStatistics().tickets).toBe(0)
    const late = await Raw.dial(relay.url)
    late.say(encodeAccept(ticket))
    expect(await late.hear('no')).toMatchObject({ reason: 'nobody' })
  }
  expect(relay.getStatistics()).toMatchObject({ circuits: 0, tickets: 0, faults: 0 })
})
