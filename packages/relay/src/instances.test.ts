import { randomBytes } from 'node:crypto'
import { encodeGet, encodePut } from '@stt/rendezvous'
import { freePort } from '@stt/testing'
import type { WebSocketLink } from '@stt/transport-ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { registryAt } from '../test/registry.ts'
import { sendAll, takeAll } from '../test/transfer.ts'
import { listenRelay, type Relay } from './listen-relay.ts'
import type { ListenRelayOptions } from './relay-options.ts'
import { MemoryRelayStore } from './store/memory-relay-store.ts'
import type { RelayStore, StoreWatcher } from './store/relay-store.ts'

const none = () => new Uint8Array(0)

async function instance(store: RelayStore, options: ListenRelayOptions = {}): Promise<Relay> {
  const port = await freePort()
  const relay = await listenRelay({ port, udpPorts: false, store, instance: `ws://127.0.0.1:${port}/`, ...options })
  onTestFinished(() => relay.close())
  return relay
}

async function listening(url: string, party: Party = new Party()): Promise<{ party: Party; node: ListeningNode }> {
  const node = new ListeningNode(url, party)
  onTestFinished(() => node.stop())
  await node.until('listening')
  return { party, node }
}

/** A store that works until a test breaks it. */
class BreakableStore extends MemoryRelayStore {
  broken: (() => Promise<never>) | undefined
  readonly #watching = new Set<StoreWatcher>()

  override watch(name: string, watcher: StoreWatcher): () => void {
    this.#watching.add(watcher)
    return super.watch(name, watcher)
  }

  break(how: () => Promise<never>, problem: Error): void {
    this.broken = how
    for (const each of this.#watching) each.onState(problem)
  }

  mend(): void {
    this.broken = undefined
    for (const each of this.#watching) each.onState(undefined)
  }

  override put(...args: Parameters<RelayStore['put']>): ReturnType<RelayStore['put']> {
    return this.broken ? this.broken() : super.put(...args)
  }

  override get(...args: Parameters<RelayStore['get']>): ReturnType<RelayStore['get']> {
    return this.broken ? this.broken() : super.get(...args)
  }

  override members(...args: Parameters<RelayStore['members']>): ReturnType<RelayStore['members']> {
    return this.broken ? this.broken() : super.members(...args)
  }

  override count(...args: Parameters<RelayStore['count']>): ReturnType<RelayStore['count']> {
    return this.broken ? this.broken() : super.count(...args)
  }
}

describe('instances of one relay', () => {
  // spec: STT-RLY-36 STT-RLY-38
  test('a node that listens at one is dialed at another, which names the first, and everything passes there', async () => {
    const store = new MemoryRelayStore()
    const [a, b] = [await instance(store), await instance(store)]
    const { party, node } = await listening(a.url)
    const dialing = await Raw.dial(b.url)
    dialing.say(Uint8Array.of(0xc2, party.mailboxes.length, ...party.mailboxes.flatMap(each => [...each])))
    expect(await dialing.hear('no')).toMatchObject({ reason: 'elsewhere', url: `${a.url}/`, retryAfter: 0 })
    const next = deferred<WebSocketLink>()
    node.onCircuit = next.resolve
    const dialer = await circuitTo(b.url, party.access, { dial: party.mailboxes })
    const acceptor = await next.promise
    const taken = takeAll(acceptor, 50)
    expect(await sendAll(dialer, 50, 65_535)).toEqual(await taken)
    expect(a.getStatistics()).toMatchObject({
      circuits: 1,
      refused: { elsewhere: 0 },
      shared: { isUp: true, failures: 0 },
    })
    expect(b.getStatistics()).toMatchObject({ circuits: 0, refused: { elsewhere: 2 } })
    for (const link of [dialer, acceptor]) link.close()
  })

  // spec: STT-RLY-9
  test('a name belongs to one token at all of them, and follows it from one to another', async () => {
    const store = new MemoryRelayStore()
    const [a, b, c] = [await instance(store), await instance(store), await instance(store)]
    const { party } = await listening(a.url)
    const squatter = await Raw.dial(b.url)
    squatter.listen(party.mailboxes.map(mailbox => ({ mailbox, token: new Uint8Array(16) })))
    expect(await squatter.hear('no')).toMatchObject({ reason: 'taken' })
    await squatter.ended
    await listening(b.url, party)
    const dialing = await Raw.dial(c.url)
    dialing.say(Uint8Array.of(0xc2, 1, ...party.mailboxes[0]!))
    expect(await dialing.hear('no')).toMatchObject({ reason: 'elsewhere', url: `${b.url}/` })
    // Where he was he is not found any more either.
    const left = await Raw.dial(a.url)
    left.say(Uint8Array.of(0xc2, 1, ...party.mailboxes[0]!))
    expect(await left.hear('no')).toMatchObject({ reason: 'elsewhere', url: `${b.url}/` })
  })

  // spec: STT-RLY-9
  test('a holder that does not answer is asked by its instance when somebody wants its name at another', async () => {
    const store = new MemoryRelayStore()
    const [a, b] = [await instance(store), await instance(store)]
    const party = new Party()
    const silent = await Raw.dial(a.url)
    silent.listen(party.claims([1, 2]))
    // Two names, and the share of its address.
    await expect.poll(() => store.size).toBe(3)
    const other = await Raw.dial(b.url)
    other.listen(party.claims([1, 2]).map(({ mailbox }) => ({ mailbox, token: new Uint8Array(16) })))
    expect(await other.hear('no')).toMatchObject({ reason: 'taken' })
    await silent.hear('ping')
    await silent.ended
    expect(await store.get(party.claims([1]).map(({ mailbox }) => mailbox))).toBeUndefined()
  })

  // spec: STT-REG-5 STT-REG-9
  test('what is put at one is got at another, in the order of what was asked', async () => {
    const store = new MemoryRelayStore()
    const [a, b] = [await instance(store), await instance(store)]
    const [topic, token] = [randomBytes(32), randomBytes(16)]
    const put = (fill: number, ttl = 150): Uint8Array =>
      encodePut({ topic, token, ttl, blob: new Uint8Array(ttl === 0 ? 0 : 544).fill(fill) }, none)
    const [writer, reader] = [await registryAt(a.url), await registryAt(b.url)]
    const said = await writer.ask(put(1), encodeGet(topic, none), put(2), encodeGet(topic, none))
    expect(said).toMatchObject([
      { type: 'stored' },
      { type: 'records', entries: [{ blob: new Uint8Array(544).fill(1) }] },
      { type: 'stored' },
      { type: 'records', entries: [{ blob: new Uint8Array(544).fill(2) }] },
    ])
    expect(await reader.ask(encodeGet(topic, none))).toMatchObject([
      { entries: [{ blob: new Uint8Array(544).fill(2) }] },
    ])
    // What is taken out at one is gone at all.
    await reader.ask(put(0, 0))
    expect(await writer.ask(encodeGet(topic, none))).toMatchObject([{ type: 'records', entries: [] }])
  })

  // spec: STT-REG-5
  test('what a connection asks behind a question that the store is slow with waits for its turn', async () => {
    const [asked, released] = [deferred<void>(), deferred<void>()]
    class SlowStore extends MemoryRelayStore {
      override async put(entry: Parameters<RelayStore['put']>[0]): Promise<readonly boolean[]> {
        asked.resolve()
        await released.promise
        return super.put(entry)
      }
    }
    const relay = await instance(new SlowStore())
    const [topic, token] = [randomBytes(32), randomBytes(16)]
    const [writer, reader] = [await registryAt(relay.url), await registryAt(relay.url)]
    const said = writer.ask(
      encodePut({ topic, token, ttl: 150, blob: new Uint8Array(544) }, none),
      encodeGet(topic, none),
    )
    await asked.promise
    // Others do not wait for it, and have had their answer when the second question would have had its own.
    expect(await reader.ask(encodeGet(topic, none))).toMatchObject([{ type: 'records' }])
    released.resolve()
    expect(await said).toMatchObject([{ type: 'stored' }, { type: 'records', entries: [{}] }])
  })

  // spec: STT-RLY-16 STT-REG-9
  test('an address has at all of them together what it may have at one', async () => {
    const store = new MemoryRelayStore()
    const address = { clientAddress: () => '192.0.2.1' }
    const limits = { listenersPerAddress: 1, circuitsPerAddress: 1, recordsPerAddress: 1 }
    const [a, b] = [await instance(store, { ...address, limits }), await instance(store, { ...address, limits })]
    const { party, node } = await listening(a.url)
    const second = await Raw.dial(b.url)
    second.listen(new Party().claims([1]))
    expect(await second.hear('no')).toMatchObject({ reason: 'full' })
    node.onCircuit = link => link.resume()
    const first = await circuitTo(a.url, party.access, { dial: party.mailboxes })
    first.resume()
    await expect.poll(async () => store.count({ kind: 'circuits', address: '192.0.2.1', member: new Uint8Array(12), seconds: 0, most: 1 })).toBe(1) // biome-ignore format: one line
    // A listener at b, of another address, is dialed there from the address that has a circuit at a.
    const [one, two] = [await registryAt(a.url), await registryAt(b.url)]
    const record = (): Uint8Array =>
      encodePut({ topic: randomBytes(32), token: randomBytes(16), ttl: 150, blob: new Uint8Array(544) }, none)
    expect(await one.ask(record())).toMatchObject([{ type: 'stored' }])
    expect(await two.ask(record())).toMatchObject([{ type: 'no', reason: 'full' }])
    expect(b.getStatistics().registry).toMatchObject({ records: 0, refused: { full: 1 } })
    first.close()
    await expect.poll(() => a.getStatistics().circuits).toBe(0)
    await expect.poll(async () => store.count({ kind: 'circuits', address: '192.0.2.1', member: new Uint8Array(12), seconds: 0, most: 1 })).toBe(0) // biome-ignore format: one line
  })
})

// spec: STT-RLY-39
describe('a store that is away', () => {
  const problem = new Error('the store is away: start it')

  test.each([
    ['refuses', () => Promise.reject(problem)],
    ['does not answer', () => new Promise<never>(() => {})],
  ])(
    'and %s: LISTEN, DIAL and the registry work inside an instance, and all is known again when it is back',
    async (_name, how) => {
      const store = new BreakableStore()
      const lines: string[] = []
      const [a, b] = [await instance(store, { log: line => lines.push(line) }), await instance(store)]
      store.break(how, problem)
      const topic = randomBytes(32)
      const here = await registryAt(a.url)
      const put = encodePut({ topic, token: randomBytes(16), ttl: 150, blob: new Uint8Array(544) }, none)
      const [{ party, node }, said, sought] = await Promise.all([
        listening(a.url),
        here.ask(put, encodeGet(topic, none)),
        circuitTo(b.url, new Party().access, { dial: new Party().mailboxes }).catch(String),
      ])
      expect([said, sought]).toMatchObject([[{ type: 'stored' }, { entries: [{}] }], 'Error: nobody'])
      const next = deferred<WebSocketLink>()
      node.onCircuit = next.resolve
      const dialer = await circuitTo(a.url, party.access, { dial: party.mailboxes })
      const acceptor = await next.promise
      const metrics = await (await fetch(`${a.url.replace('ws:', 'http:')}/metrics`)).text()
      expect(metrics).toMatch(/^stt_relay_store_up 0$/m)
      expect(metrics).toMatch(/^stt_relay_store_failures_total [1-9]/m)
      const told = lines.filter(line => line.includes('the store is away: start it'))
      expect(told).toEqual([expect.stringContaining('Circuits go on, and this instance finds its own listeners')])
      store.mend()
      const there = await registryAt(b.url)
      await expect.poll(() => store.size).toBeGreaterThanOrEqual(3)
      expect(await there.ask(encodeGet(topic, none))).toMatchObject([{ entries: [{}] }])
      const other = await circuitTo(b.url, party.access, { dial: party.mailboxes })
      expect(lines.at(-1)).not.toContain('fault')
      expect(lines).toContain('the common store of the instances works again')
      for (const link of [dialer, acceptor, other]) link.close()
      expect([a.getStatistics().faults, b.getStatistics().faults]).toEqual([0, 0])
    },
  )
})

describe('a store that says what no relay wrote', () => {
  class Liar extends MemoryRelayStore {
    answer: unknown
    override async get(): Promise<string | undefined> {
      return this.answer as string
    }
    override async members(): Promise<never> {
      return this.answer as never
    }
  }

  // spec: STT-RLY-36
  test.each([
    ['a URL of something else', 'https://relay.example/'],
    ['a URL with a user', 'wss://user@relay.example/'],
    ['no URL', 'relay.example'],
    ['a URL with a line end', 'wss://relay.example/\n'],
    ['a URL of 513 bytes', `wss://relay.example/${'a'.repeat(493)}`],
    ['a number', 7],
    ['nothing that is text', { toString: () => 'wss://relay.example/' }],
  ])('%s sends no client anywhere', async (_name, answer) => {
    const store = new Liar()
    store.answer = answer
    const relay = await instance(store)
    const dialing = await Raw.dial(relay.url)
    dialing.say(Uint8Array.of(0xc2, 1, ...new Uint8Array(32)))
    expect(await dialing.hear('no')).toMatchObject({ reason: 'nobody', url: '' })
    expect(relay.getStatistics()).toMatchObject({ shared: { malformed: 1 }, faults: 0 })
  })

  const entry = (slot: number, size = 544) => ({ slot: new Uint8Array(16).fill(slot), blob: new Uint8Array(size) })
  // spec: STT-REG-9
  test.each([
    ['65 records', Array.from({ length: 65 }, (_, i) => entry(i))],
    ['two records of a slot', [entry(1), entry(1)]],
    ['a record of another size', [entry(1, 545)]],
    ['a slot of another size', [{ slot: new Uint8Array(15), blob: new Uint8Array(544) }]],
    ['no bytes', [{ slot: 'a', blob: 'b' }]],
    ['no list', { length: 1 }],
  ])('%s are passed over, for what came here', async (_name, answer) => {
    const store = new Liar()
    store.answer = answer
    const relay = await instance(store)
    const user = await registryAt(relay.url)
    const topic = randomBytes(32)
    const put = encodePut({ topic, token: randomBytes(16), ttl: 150, blob: new Uint8Array(1_024) }, none)
    expect(await user.ask(put, encodeGet(topic, none))).toMatchObject([{ type: 'stored' }, { entries: [{ blob: { length: 1_024 } }] }]) // biome-ignore format: one line
    expect(relay.getStatistics()).toMatchObject({ shared: { malformed: 1 }, faults: 0 })
  })
})

test('an instance that is about to end refuses upgrades, for a balancer to take another one, while its circuits go on', async () => {
  const relay = await instance(new MemoryRelayStore())
  const { party, node } = await listening(relay.url)
  const next = deferred<WebSocketLink>()
  node.onCircuit = next.resolve
  const dialer = await circuitTo(relay.url, party.access, { dial: party.mailboxes })
  const acceptor = await next.promise
  const closing = relay.close({ drain: 20_000 })
  await node.until('going-away')
  await expect(Raw.dial(relay.url)).rejects.toMatchObject({ code: 'STT_BUSY', details: { status: 503 } })
  const taken = takeAll(acceptor, 10)
  expect(await sendAll(dialer, 10, 10_000)).toEqual(await taken)
  node.stop()
  dialer.close()
  await closing
})

test.each<[ListenRelayOptions, string]>([
  [{ store: new MemoryRelayStore() }, 'several instances need both'],
  [{ instance: 'wss://relay.example/a' }, 'several instances need both'],
  [{ store: new MemoryRelayStore(), instance: 'https://relay.example' }, 'a relay is a URL such as wss://'],
  [{ store: {} as RelayStore, instance: 'wss://relay.example' }, 'this one has no put()'],
])('%o is refused', async (options, message) => {
  await expect(listenRelay(options)).rejects.toThrow(message)
})
