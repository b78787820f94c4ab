import { describe, expect, test } from 'vitest'
import { counting, hex } from '../../test/bytes.ts'
import { type Client, RelayBench } from '../../test/relay-bench.ts'

const [NAME, OTHER] = [counting(10, 32), counting(60, 32)]
const TOKEN = counting(1, 16)
const [HERE, THERE] = ['wss://relay.example/a', 'wss://relay.example/b']

/** One of several instances, whose questions a test answers. */
class Instance extends RelayBench {
  constructor(options: ConstructorParameters<typeof RelayBench>[0] = {}) {
    super({ instance: HERE, ...options })
  }

  /** The last thing that it told. */
  last(type: string): this['told'][number] & { readonly names: []; readonly mailboxes: [] } {
    return this.told.findLast(each => each.type === type) as never
  }

  found(dialer: Client, url: string | undefined): void {
    this.engine.found(dialer, this.last('seeks').mailboxes, url, this.now)
    this.drain()
  }

  announced(listener: Client, kept: readonly boolean[]): void {
    this.engine.announced(listener, this.last('listens').names, kept, this.now)
    this.drain()
  }
}

// spec: STT-RLY-36
describe('one of several instances', () => {
  test('sends a dialer to the instance of its listener, and frees its place', () => {
    const relay = new Instance({ limits: { circuitsPerAddress: 1 } })
    const dialer = relay.open({ address: '192.0.2.1' })
    dialer.dial([NAME, OTHER])
    expect([dialer.heard, dialer.isProved, relay.last('seeks').mailboxes.map(hex)]).toEqual([
      [],
      true,
      [hex(NAME), hex(OTHER)],
    ])
    relay.found(dialer, THERE)
    expect(dialer.received.at(-1)).toEqual({ type: 'no', reason: 'elsewhere', retryAfter: 0, url: THERE })
    expect(dialer.closed).toBe(1000)
    const again = relay.open({ address: '192.0.2.1' })
    again.dial([NAME])
    expect(again.closed).toBeUndefined()
    expect(relay.engine.getStatistics()).toMatchObject({ dials: 2, refused: { elsewhere: 1, nobody: 0, full: 0 } })
  })

  test.each([
    ['no instance has the name', undefined],
    ['another one still believes that he is here', HERE],
  ])('answers nobody where %s', (_name, url) => {
    const relay = new Instance()
    const dialer = relay.open()
    dialer.dial([NAME])
    relay.found(dialer, url)
    expect([dialer.heard, dialer.closed]).toEqual([['no nobody'], 1000])
  })

  test('calls who has come here while the others were asked', () => {
    const relay = new Instance()
    const dialer = relay.open()
    dialer.dial([NAME])
    const listener = relay.listener(NAME)
    relay.found(dialer, THERE)
    expect(listener.received.at(-1)).toEqual({ type: 'incoming', ticket: listener.lastTicket, url: HERE })
    const acceptor = relay.open()
    acceptor.accept(listener.lastTicket)
    expect([dialer.heard, acceptor.heard]).toEqual([['spliced'], ['spliced']])
  })

  test('does not ask the others if the listener is here', () => {
    const relay = new Instance()
    relay.circuit(relay.listener(NAME), NAME)
    expect(relay.told.map(({ type }) => type)).toEqual(['listens', 'dialed'])
  })

  test('waits 10 s for the answer of the others, then answers nobody; a dialer that leaves is forgotten', () => {
    const relay = new Instance({ limits: { tickets: 2 } })
    const [patient, hasty, third] = [relay.open(), relay.open(), relay.open()]
    patient.dial([NAME])
    hasty.dial([NAME])
    third.dial([NAME])
    expect(third.heard).toEqual(['no full'])
    hasty.end()
    relay.advance(9_999)
    expect(patient.heard).toEqual([])
    relay.advance(1)
    expect([patient.heard, patient.closed]).toEqual([['no nobody'], 1000])
    // Answers that come too late.
    relay.found(patient, THERE)
    relay.found(hasty, THERE)
    expect([patient.heard, hasty.heard]).toEqual([['no nobody'], []])
  })

  test('takes nothing from a dialer before the others have answered', () => {
    const relay = new Instance()
    const dialer = relay.open()
    dialer.dial([NAME])
    dialer.ping()
    expect(dialer.closed).toBe(1008)
  })
})

describe('a name at several instances', () => {
  // spec: STT-RLY-9
  test('is told with a digest of its token, in each LISTEN, and is free of its leg when that has left', () => {
    const relay = new Instance()
    const listener = relay.listener(NAME, TOKEN, { address: '192.0.2.1' })
    const [first] = relay.last('listens').names as { mailbox: Uint8Array; owner: Uint8Array }[]
    expect([hex(first!.mailbox), first!.owner.length]).toEqual([hex(NAME), 16])
    expect(hex(first!.owner)).not.toContain(hex(TOKEN).slice(0, 8))
    listener.listen([{ mailbox: OTHER, token: TOKEN }])
    expect(relay.last('listens')).toMatchObject({ address: '192.0.2.1', names: [{ mailbox: OTHER }] })
    listener.end()
    expect(relay.last('left')).toMatchObject({ names: [{ mailbox: OTHER }] })
    expect([...relay.engine.presences()]).toEqual([])
  })

  // spec: STT-RLY-9
  test('that another holds there is taken here', () => {
    const relay = new Instance()
    const listener = relay.open()
    listener.listen([NAME, OTHER].map(mailbox => ({ mailbox, token: TOKEN })))
    relay.announced(listener, [false, true])
    expect([listener.heard, listener.closed]).toEqual([['no taken'], undefined])
    const dialer = relay.open()
    dialer.dial([NAME])
    expect(relay.last('seeks').mailboxes.map(hex)).toEqual([hex(NAME)])
    relay.announced(listener, [true, true])
    expect([...relay.engine.presences()].flatMap(({ names }) => names.map(each => hex(each.mailbox)))).toEqual([
      hex(OTHER),
    ])
    // And where no name is left the connection ends.
    const second = relay.listener(counting(90, 32))
    relay.announced(second, [false])
    expect([second.heard, second.closed]).toEqual([['no taken'], 1000])
  })

  // spec: STT-RLY-9
  test('that its owner took there leads there; that another wants there has its holder asked', () => {
    const relay = new Instance()
    const listener = relay.listener(NAME)
    relay.engine.contested(NAME, relay.now)
    relay.drain()
    expect(listener.heard).toEqual(['ping'])
    listener.pong()
    relay.advance(3_000)
    expect(listener.closed).toBeUndefined()
    relay.engine.moved(NAME)
    const dialer = relay.open()
    dialer.dial([NAME])
    expect([dialer.heard, relay.last('seeks').mailboxes.map(hex)]).toEqual([[], [hex(NAME)]])
    // Names without a holder here have no effect.
    relay.engine.moved(OTHER)
    relay.engine.contested(OTHER, relay.now)
    expect(relay.engine.getStatistics()).toMatchObject({ listeners: 1, circuits: 0 })
  })

  // spec: STT-RLY-16
  test('whose address has too much at all of them together is refused, and a circuit ends', () => {
    const relay = new Instance()
    const listener = relay.listener(NAME)
    const { dialer, acceptor } = relay.circuit(listener, NAME, { address: '192.0.2.1' })
    expect(relay.last('dialed')).toMatchObject({ link: dialer, address: '192.0.2.1' })
    relay.engine.exceeded(dialer, relay.now)
    relay.drain()
    expect([dialer.closed, acceptor.closed, dialer.heard]).toEqual([1013, 1013, ['spliced']])
    expect(relay.last('hung-up')).toMatchObject({ link: dialer })
    relay.engine.exceeded(listener, relay.now)
    relay.drain()
    expect([listener.heard.at(-1), listener.closed]).toEqual(['no full', 1013])
    relay.engine.exceeded(listener, relay.now)
  })
})

test('a relay without instances emits no events for others', () => {
  const relay = new RelayBench()
  const { dialer } = relay.circuit(relay.listener(NAME), NAME)
  dialer.end()
  const seeking = relay.open()
  seeking.dial([OTHER])
  expect([relay.told, seeking.heard]).toEqual([[], ['no nobody']])
})
