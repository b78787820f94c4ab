import { createSocket } from 'node:dgram'
import { decodeBound, decodeMessage, encodeAccept, encodeBind, encodeDial } from '@stt/rendezvous'
import { testCertificate, testKey } from '@stt/testing'
import type { WebSocketLink } from '@stt/transport-ws'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { sendAll, takeAll } from '../test/transfer.ts'
import { listenRelay, type Relay } from './listen-relay.ts'
import type { ListenRelayOptions } from './relay-options.ts'

async function relayWith(options: ListenRelayOptions = {}): Promise<Relay> {
  const relay = await listenRelay(options)
  onTestFinished(() => relay.close())
  return relay
}

/** A node that listens at the relay; with `link`, the circuit that comes next. */
async function listening(url: string, party: Party): Promise<{ node: ListeningNode; next: Promise<WebSocketLink> }> {
  const node = new ListeningNode(url, party)
  onTestFinished(() => node.stop())
  const next = deferred<WebSocketLink>()
  node.onCircuit = next.resolve
  await node.until('listening')
  return { node, next: next.promise }
}

/** Both ends of a circuit between two holders of a seed. */
async function spliced(relay: Relay, party = new Party()): Promise<{ dialer: WebSocketLink; acceptor: WebSocketLink }> {
  const { next } = await listening(relay.url, party)
  const dialer = await circuitTo(relay.url, party.access, { dial: party.mailboxes })
  const acceptor = await next
  // Both are paused until a test reads them, and would not notice that the relay closes them.
  onTestFinished(() => {
    for (const link of [dialer, acceptor]) link.close()
  })
  return { dialer, acceptor }
}

const FAST = { rate: 2 ** 30, burst: 2 ** 30 }

// spec: STT-RLY-12 STT-RLY-13
test('messages go both ways whole, unchanged and in order, also to a reader that is slow', async () => {
  const relay = await relayWith({ limits: FAST })
  const { dialer, acceptor } = await spliced(relay)
  const count = 400
  const slowly = (taken: number): Promise<void> | undefined =>
    taken % 50 === 0 ? new Promise(resolve => setTimeout(resolve, 20)) : undefined
  const [there, back] = [takeAll(acceptor, count, slowly), takeAll(dialer, count)]
  const sent = await Promise.all([sendAll(dialer, count, 65_535), sendAll(acceptor, count, 65_535)])
  expect(await Promise.all([there, back])).toEqual(sent)
  expect(relay.getStatistics()).toMatchObject({ messages: 2 * count, circuits: 1, faults: 0 })
})

// spec: STT-RLY-13
test('a reader that does not read stops the sender: what waits in the relay is bounded', async () => {
  const relay = await relayWith({ limits: FAST })
  const { dialer, acceptor } = await spliced(relay)
  const message = new Uint8Array(60_000).fill(7)
  // Until the sender stands still, because the buffers of the relay and the kernel are full.
  let sent = 0
  for (let still = 0, last = -1; still < 20; ) {
    for (; dialer.getStatistics().queuedBytes < 65_536; sent++) dialer.send(message)
    await new Promise(resolve => setTimeout(resolve, 5))
    const { bytes } = relay.getStatistics()
    still = bytes === last ? still + 1 : 0
    last = bytes
  }
  const stuck = relay.getStatistics().bytes
  expect(dialer.getStatistics().queuedBytes).toBeGreaterThan(0)
  await takeAll(acceptor, sent)
  expect(relay.getStatistics().bytes).toBe(sent * 60_000)
  // What passed before anybody read lay in this process's socket buffers and behind the mark of 256 KiB.
  expect(stuck).toBeLessThan(16 * 1_048_576)
})

// spec: STT-RLY-12
test('messages of every size keep their borders, those of no bytes too', async () => {
  const { dialer, acceptor } = await spliced(await relayWith())
  const sizes = [0, 1, 125, 126, 65_535, 0, 4_096, 2]
  const got: number[] = []
  const all = deferred()
  acceptor.onPacket = message => {
    got.push(message.length)
    if (got.length === sizes.length) all.resolve()
  }
  acceptor.resume()
  for (const size of sizes) dialer.send(new Uint8Array(size))
  await all.promise
  expect(got).toEqual(sizes)
})

// spec: STT-RLY-12
test('when one end closes, the other is closed behind what was passed on', async () => {
  const relay = await relayWith()
  const { dialer, acceptor } = await spliced(relay)
  const got = takeAll(acceptor, 100)
  const sent = sendAll(dialer, 100, 20_000)
  await sent
  const closed = deferred<Error | undefined>()
  dialer.close()
  expect(await got).toBe(await sent)
  acceptor.onClose = closed.resolve
  expect(await closed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 1000 } })
  expect(relay.getStatistics().circuits).toBe(0)
})

// spec: STT-RLY-34
test('a listener that has no place closes the dialer as if it had dialed directly', async () => {
  for (const [limit, told] of [
    ['pendingHandshakes', { closeCode: 1013, limit: 'pendingHandshakes' }],
    ['go \u001b[31maway', { closeCode: 1013 }],
  ] as const) {
    const { dialer, acceptor } = await spliced(await relayWith())
    const closed = deferred<Error | undefined>()
    dialer.onClose = closed.resolve
    dialer.resume()
    acceptor.refuse(1013, limit)
    expect(await closed.promise).toMatchObject({ code: 'STT_BUSY', details: told })
  }
})

// spec: STT-RLY-14
test('a circuit keeps to its rate, and nothing is lost by it', async () => {
  const relay = await relayWith({ limits: { rate: 1_000_000, burst: 65_535 } })
  const { dialer, acceptor } = await spliced(relay)
  const started = performance.now()
  const got = takeAll(acceptor, 20)
  expect(await sendAll(dialer, 20, 50_000)).toBe(await got)
  const bytes = relay.getStatistics().bytes
  expect(bytes).toBeGreaterThan(200_000)
  // No sooner than the rate allows; a slow machine may take as long as it likes.
  expect(performance.now() - started).toBeGreaterThan(((bytes - 65_535 - 50_000) / 1_000_000) * 1_000 * 0.9)
})

// spec: STT-RLY-15
test('a circuit of a relay for everybody ends after what it may carry', async () => {
  const relay = await relayWith({ limits: { freeMebibytes: 1 } })
  const { dialer, acceptor } = await spliced(relay)
  const [one, other] = [deferred(), deferred()]
  dialer.onClose = () => one.resolve()
  acceptor.onClose = () => other.resolve()
  for (const link of [dialer, acceptor]) {
    link.onPacket = () => {}
    link.resume()
  }
  const message = new Uint8Array(65_535)
  for (let i = 0; i < 17; i++) dialer.send(message)
  await Promise.all([one.promise, other.promise])
  expect(relay.getStatistics().circuits).toBe(0)
})

describe('who is served', () => {
  // spec: STT-RLY-7
  test('with keys: those who hold one, by the address that is bound or the URLs that were given', async () => {
    const party = new Party()
    const relay = await relayWith({ keys: [new Party().access, party.access] })
    expect(relay.isOpen).toBe(false)
    const { next } = await listening(relay.url, party)
    const local = relay.url.replace('127.0.0.1', 'localhost')
    await circuitTo(local, party.access, { dial: party.mailboxes })
    await next
    await expect(circuitTo(relay.url, new Party().access, { dial: party.mailboxes })).rejects.toThrow('auth')

    const named = await relayWith({ keys: [party.access], urls: ['wss://relay.example'] })
    await expect(circuitTo(named.url, party.access, { dial: party.mailboxes })).rejects.toThrow('auth')
    const headers = { Host: 'relay.example' }
    await expect(circuitTo(named.url, party.access, { dial: party.mailboxes }, { headers })).rejects.toThrow('auth')
  })

  test('by tls', async () => {
    const relay = await relayWith({ tls: { cert: testCertificate, key: testKey } })
    expect(relay.url).toMatch(/^wss:/)
    const raw = await Raw.dial(relay.url.replace('127.0.0.1', 'localhost'), { ca: testCertificate })
    expect(await raw.hear('greeting')).toMatchObject({ needsAccess: false })
  })

  // spec: STT-RLY-26
  test.each(['0.0.0.0', '::', '192.0.2.1', 'relay.example'])(
    'at %s a relay needs keys, or to be told that all are',
    async host => {
      const refused = listenRelay({ host })
      await expect(refused).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
      await expect(refused).rejects.toThrow(/keys.*open/)
    },
  )

  // spec: STT-RLY-26
  test('it says at its start whom it serves', async () => {
    const lines: string[] = []
    const log = (line: string): void => void lines.push(line)
    await relayWith({ host: '0.0.0.0', open: true, log })
    await relayWith({ host: '0.0.0.0', keys: [new Party().access], log })
    expect(lines[0]).toMatch(/^listening at ws:\/\/0\.0\.0\.0:\d+ for everybody$/)
    expect(lines[1]).toMatch(/for the holders of 1 seed, dialed as localhost:\d+ or .*127\.0\.0\.1:\d+/)
  })
})

describe('one’s own address', () => {
  // spec: STT-RLY-24
  test('is told over UDP by both ports, in answer to a question, and nothing else', async () => {
    const relay = await relayWith()
    const { udpPorts } = await (await Raw.dial(relay.url)).hear('greeting')
    expect(udpPorts).toEqual(relay.udpPorts)
    expect(new Set(udpPorts).size).toBe(2)
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const heard: Uint8Array[] = []
    const both = deferred()
    socket.on('message', datagram => {
      heard.push(datagram)
      if (heard.length === 2) both.resolve()
    })
    const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    for (const port of udpPorts) {
      socket.send('what is this', port, '127.0.0.1')
      socket.send(encodeBind(nonce).subarray(0, 63), port, '127.0.0.1')
      socket.send(encodeBind(nonce, port === udpPorts[0] ? 64 : 1_472), port, '127.0.0.1')
    }
    await both.promise
    const { port } = socket.address()
    const expected = { source: 'observed', address: '127.0.0.1', port }
    expect(heard.map(each => decodeBound(each, nonce))).toEqual([expected, expected])
    expect(relay.getStatistics().addressesTold).toBe(2)
  })

  // spec: STT-RLY-6
  test('is told by the greeting, unless a proxy hides it', async () => {
    const relay = await relayWith({ udpPorts: false })
    const direct = await (await Raw.dial(relay.url)).hear('greeting')
    expect(direct.observed).toMatchObject({ source: 'observed', address: '127.0.0.1' })
    expect(direct.udpPorts).toEqual([0, 0])
    const proxied = await Raw.dial(relay.url, { headers: { 'X-Forwarded-For': '192.0.2.7' } })
    expect((await proxied.hear('greeting')).observed).toBeUndefined()
    const told = await relayWith({ clientAddress: request => request.headers['x-real-ip'] as string })
    const named = await Raw.dial(told.url, { headers: { 'X-Real-IP': '192.0.2.7' } })
    expect((await named.hear('greeting')).observed).toMatchObject({ address: '192.0.2.7' })
  })
})

describe('operation', () => {
  test('answers /healthz and /metrics, which contain no address', async () => {
    const relay = await relayWith()
    const { dialer, acceptor } = await spliced(relay)
    const got = takeAll(acceptor, 3)
    await sendAll(dialer, 3, 1_000)
    await got
    const url = relay.url.replace('ws:', 'http:')
    const health = await fetch(`${url}/healthz`)
    expect([health.status, await health.text()]).toEqual([200, 'ok\n'])
    const metrics = await (await fetch(`${url}/metrics?x`)).text()
    const value = (name: string): number => Number(new RegExp(`^stt_relay_${name} (\\d+)$`, 'm').exec(metrics)?.[1])
    expect([value('listeners'), value('circuits'), value('messages_total')]).toEqual([1, 1, 3])
    expect(value('bytes_total')).toBe(relay.getStatistics().bytes)
    expect(value('refused_total{reason="auth"}')).toBe(0)
    expect(metrics).not.toMatch(/\d+\.\d+\.\d+\.\d+/)
    // Each line is a comment or a sample (text format 0.0.4).
    for (const line of metrics.trimEnd().split('\n')) {
      expect(line).toMatch(/^# (HELP|TYPE) stt_relay_\w+ .+$|^stt_relay_\w+(\{\w+="\w+"\})? \d+$/)
    }
    expect((await fetch(url)).status).toBe(426)
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(426)
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200)
  })

  test.each([false, true])('logs addresses only when it is asked to (%s)', async logAddresses => {
    const lines: string[] = []
    const relay = await relayWith({ log: line => void lines.push(line), logAddresses })
    const { dialer } = await spliced(relay)
    dialer.close()
    await expect.poll(() => lines.join('\n')).toContain('circuit 1 has ended')
    expect(/127\.0\.0\.1/.test(lines.slice(1).join('\n'))).toBe(logAddresses)
  })

  // spec: STT-RLY-18
  test('closing tells listeners, lets circuits end, and refuses new clients', async () => {
    const relay = await listenRelay()
    const party = new Party()
    const { node, next } = await listening(relay.url, party)
    const dialer = await circuitTo(relay.url, party.access, { dial: party.mailboxes })
    const acceptor = await next
    const closing = relay.close({ drain: 60_000 })
    await node.until('going-away')
    const health = await fetch(`${relay.url.replace('ws:', 'http:')}/healthz`)
    expect([health.status, await health.text()]).toEqual([503, 'going away\n'])
    await expect(circuitTo(relay.url, party.access, { dial: party.mailboxes })).rejects.toThrow('full')
    const got = takeAll(acceptor, 50)
    expect(await sendAll(dialer, 50, 10_000)).toBe(await got)
    dialer.close()
    await closing
    await expect(Raw.dial(relay.url)).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
  })

  test.each([-400, 400])('a time of day that jumps by %i days ends nothing, and is told as it is then', async days => {
    const relay = await relayWith()
    const { dialer, acceptor } = await spliced(relay)
    const now = vi.spyOn(Date, 'now')
    onTestFinished(() => now.mockRestore())
    const jumped = Date.now() + days * 86_400_000
    now.mockReturnValue(jumped)
    const { unixSeconds } = await (await Raw.dial(relay.url)).hear('greeting')
    expect(unixSeconds).toBe(Math.floor(jumped / 1_000))
    const got = takeAll(acceptor, 20)
    expect(await sendAll(dialer, 20, 10_000)).toBe(await got)
    expect(relay.getStatistics()).toMatchObject({ listeners: 1, circuits: 1, violations: 0, faults: 0 })
  })

  test('takes every limit at its highest', async () => {
    const most = 10_000_000
    await relayWith({
      limits: {
        ...{
          listeners: most,
          listenersPerAddress: most,
          listenersPerSecond: most,
          tickets: most,
          dialsPerSecond: most,
        },
        ...{ circuits: most, circuitsPerListener: most, circuitsPerAddress: most },
      },
    })
  })

  test('wrong options are refused before anything is bound', async () => {
    const invalid = { code: 'STT_INVALID_ARGUMENT' }
    for (const options of [
      { keys: [new Uint8Array(31)] },
      { keys: 'key' },
      { keys: [new Party().access], open: true },
      { limits: { rate: 1 } },
      { limits: { lanes: 1 } },
      { udpPorts: [1] },
      { udpPorts: [5, 5] },
      { log: 7 },
      { hosts: '127.0.0.1' },
      { port: -1n },
      { port: 65_536 },
    ]) {
      await expect(listenRelay(options as ListenRelayOptions)).rejects.toMatchObject(invalid)
    }
    await expect(listenRelay({ urls: ['https://relay.example'] })).rejects.toMatchObject({ code: 'STT_BAD_ADDRESS' })
    const relay = await relayWith()
    const port = Number(new URL(relay.url).port)
    await expect(listenRelay({ port })).rejects.toMatchObject({ code: 'STT_ADDRESS_IN_USE' })
    const taken = relay.udpPorts
    await expect(listenRelay({ udpPorts: taken })).rejects.toMatchObject({ code: 'STT_ADDRESS_IN_USE' })
    await expect(relay.close({ drain: -1 })).rejects.toMatchObject(invalid)
  })
})

// spec: STT-RLY-5
test('what breaks a rule ends the connection with 1008', async () => {
  const relay = await relayWith()
  const raw = await Raw.dial(relay.url)
  raw.say(Uint8Array.of(0xff))
  expect(await raw.ended).toMatchObject({ details: { closeCode: 1008 } })
  const impatient = await Raw.dial(relay.url)
  impatient.say(encodeAccept(new Uint8Array(16)))
  expect(await impatient.hear('no')).toMatchObject({ reason: 'nobody' })
  const caller = await Raw.dial(relay.url)
  caller.say(encodeDial([new Uint8Array(32)], () => new Uint8Array(0)))
  expect(await caller.hear('no')).toMatchObject({ reason: 'nobody', retryAfter: 2_000 })
  expect(await caller.ended).toMatchObject({ details: { closeCode: 1000 } })
})

// spec: STT-RLY-5 STT-RLY-12
test('of a WebSocket that others wrote: fragments arrive as one message, Pings are answered, text ends the circuit', async () => {
  const relay = await relayWith()
  const party = new Party()
  const { next } = await listening(relay.url, party)
  const socket = new WebSocket(relay.url, 'stt-relay.v1')
  socket.binaryType = 'nodebuffer'
  onTestFinished(() => socket.terminate())
  const messages: Uint8Array[] = []
  const spliced = deferred()
  socket.on('message', (data: Buffer) => {
    messages.push(data)
    const message = decodeMessage(Uint8Array.from(data))
    if (message.type === 'greeting') socket.send(encodeDial(party.mailboxes, () => new Uint8Array(0)))
    if (message.type === 'spliced') spliced.resolve()
  })
  await spliced.promise
  const acceptor = await next
  const got = deferred<Uint8Array>()
  acceptor.onPacket = message => got.resolve(message.slice())
  acceptor.resume()
  const pong = deferred()
  socket.on('pong', () => pong.resolve())
  socket.send(Uint8Array.of(1, 2), { fin: false, binary: true })
  socket.ping('are you there')
  socket.send(Uint8Array.of(3), { fin: true, binary: true })
  expect(await got.promise).toEqual(Uint8Array.of(1, 2, 3))
  await pong.promise
  const closed = deferred<Error | undefined>()
  acceptor.onClose = closed.resolve
  const code = deferred<number>()
  socket.on('close', code.resolve)
  socket.send('text')
  expect(await code.promise).toBe(1003)
  expect(await closed.promise).toMatchObject({ details: { closeCode: 1000 } })
})
