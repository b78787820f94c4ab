import { describe, expect, test } from 'vitest'
import { AUTHORITY } from '../../test/bench-leg.ts'
import { counting } from '../../test/bytes.ts'
import { type Client, RelayBench } from '../../test/relay-bench.ts'
import { encodeDial, encodeGreeting, encodeIncoming, encodeListen, encodePong } from '../messages/encode.ts'
import type { RelayEngineOptions } from './relay-engine.ts'

const box = (number: number): Uint8Array => counting(number, 32)
const token = (number: number): Uint8Array => counting(100 + number, 16)
const ACCESS = counting(3, 32)

describe('the greeting', () => {
  // spec: STT-RLY-6
  test('comes first, tells what holds, and is another for each connection', () => {
    const bench = new RelayBench({ udpPorts: [4433, 4434] })
    const observed = { source: 'observed', address: '192.0.2.7', port: 40_000 } as const
    const first = bench.open({ address: '192.0.2.7', observed })
    expect(first.greeting).toMatchObject({
      type: 'greeting',
      unixSeconds: 1_782_000_000,
      observed,
      udpPorts: [4433, 4434],
      rate: 4_194_304,
      burst: 8_388_608,
      freeMebibytes: 1_024,
      freeSeconds: 86_400,
      needsAccess: false,
    })
    const second = bench.open({})
    expect(second.greeting.observed).toBeUndefined()
    expect(second.greeting.nonce).not.toEqual(first.greeting.nonce)
  })

  // spec: STT-RLY-15
  test('tells clients with a key that their circuits have no limit', () => {
    const { greeting } = new RelayBench({ keys: [ACCESS] }).open()
    expect(greeting).toMatchObject({ needsAccess: true, freeMebibytes: 0, freeSeconds: 0 })
  })

  // spec: STT-RLY-6
  test('is answered within 5 s, or the connection ends', () => {
    const bench = new RelayBench()
    const [silent, other] = [bench.open(), bench.listener(box(1))]
    bench.advance(4_999)
    expect(silent.closed).toBeUndefined()
    bench.advance(1)
    expect([silent.closed, other.closed]).toEqual([1008, undefined])
    expect(bench.engine.getStatistics()).toMatchObject({ connections: 2, violations: 1 })
  })
})

describe('a message out of turn', () => {
  const mailbox = box(1)
  const claims = [{ mailbox, token: token(1) }]
  const none = () => new Uint8Array(0)
  test.each<[string, (bench: RelayBench) => Client, Uint8Array]>([
    ['an unreadable message', bench => bench.open(), Uint8Array.of(0xff)],
    ['no bytes', bench => bench.open(), new Uint8Array(0)],
    ["a relay's message", bench => bench.open(), encodeIncoming(token(1))],
    ['a PONG first', bench => bench.open(), encodePong(counting(0, 8))],
    ['a DIAL of a listener', bench => bench.listener(mailbox), encodeDial([mailbox], none)],
    ['a LISTEN of a dialer', bench => dialing(bench), encodeListen(claims, none)],
    ['a packet before SPLICED', bench => dialing(bench), new Uint8Array(50).fill(0x40)],
    ["another's greeting", bench => bench.open(), encodeGreeting(new RelayBench().open().greeting)],
  ])('spec: STT-RLY-5: %s ends the connection with 1008', (_name, make, bytes) => {
    const bench = new RelayBench()
    const client = make(bench)
    client.send(bytes)
    expect(client.closed).toBe(1008)
    expect(bench.engine.getStatistics().violations).toBe(1)
  })

  function dialing(bench: RelayBench): Client {
    bench.listener(mailbox)
    const dialer = bench.open()
    dialer.dial([mailbox])
    return dialer
  }
})

describe('a no', () => {
  const claims = [{ mailbox: box(1), token: token(1) }]
  const open = (options?: Partial<RelayEngineOptions>): Client => new RelayBench(options).open()
  const makeFull = (): Client => {
    const bench = new RelayBench({ limits: { listeners: 1 } })
    bench.listener(box(2))
    return bench.open()
  }
  const makeBusy = (): Client => {
    const client = open()
    client.listen(claims)
    for (let i = 0; i < 40; i++) client.ping()
    return client
  }
  const makeTaken = (): Client => {
    const bench = new RelayBench()
    bench.listener(box(1), token(2))
    const client = bench.open()
    client.listen(claims)
    return client
  }
  // spec: STT-RLY-35
  test.each<[string, number, number, () => Client, (client: Client) => void]>([
    ['full', 5_000, 1013, makeFull, client => client.listen(claims)],
    ['nobody', 2_000, 1000, open, client => client.dial([box(1)])],
    ['nobody', 2_000, 1000, open, client => client.accept(token(1))],
    ['auth', 60_000, 1008, () => open({ keys: [ACCESS] }), client => client.listen(claims)],
    ['rate', 1_000, 1013, makeBusy, client => client.ping()],
    ['taken', 33_000, 1000, makeTaken, () => {}],
  ])('for %s says to come back after %i ms, and closes with %i', (reason, retryAfter, code, make, act) => {
    const client = make()
    act(client)
    expect(client.received.at(-1)).toEqual({ type: 'no', reason, retryAfter, url: '' })
    expect(client.closed).toBe(code)
  })
})

describe('a circuit', () => {
  // spec: STT-RLY-10 STT-RLY-11 STT-RLY-12
  test('is dialed, told of, accepted with the ticket, and spliced', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    const dialer = bench.open()
    dialer.dial([box(2), box(1)])
    expect([listener.heard, dialer.heard, dialer.isProved]).toEqual([['incoming'], [], true])
    expect(listener.lastTicket).toHaveLength(16)
    const acceptor = bench.open()
    acceptor.accept(listener.lastTicket)
    expect([dialer.heard, acceptor.heard]).toEqual([['spliced'], ['spliced']])
    expect(dialer.circuit).toBe(acceptor.circuit)
    expect(bench.engine.getStatistics()).toMatchObject({ circuits: 1, tickets: 0, spliced: 1, dials: 1 })
  })

  // spec: STT-RLY-10
  test('to a name without a listener is refused, and to a name whose listener is gone', () => {
    const bench = new RelayBench()
    const dialer = bench.open()
    dialer.dial([box(1), box(2)])
    expect([dialer.heard, dialer.closed]).toEqual([['no nobody'], 1000])
    bench.listener(box(1)).end()
    const late = bench.open()
    late.dial([box(1)])
    expect(late.heard).toEqual(['no nobody'])
  })

  // spec: STT-RLY-11
  test('has a ticket that serves once, and for 10 s', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    const { dialer, acceptor } = bench.circuit(listener, box(1))
    const again = bench.open()
    again.accept(listener.lastTicket)
    expect([again.heard, dialer.closed, acceptor.closed]).toEqual([['no nobody'], undefined, undefined])

    const waiting = bench.open()
    waiting.dial([box(1)])
    bench.advance(9_999)
    expect(waiting.closed).toBeUndefined()
    bench.advance(1)
    expect([waiting.heard, waiting.closed]).toEqual([['no nobody'], 1000])
    const late = bench.open()
    late.accept(listener.lastTicket)
    expect(late.heard).toEqual(['no nobody'])
  })

  // spec: STT-RLY-11
  test('is not for a guessed ticket', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    bench.open().dial([box(1)])
    const guess = listener.lastTicket.slice()
    guess[15]! ^= 1
    const guesser = bench.open()
    guesser.accept(guess)
    expect([guesser.heard, bench.engine.getStatistics().tickets]).toEqual([['no nobody'], 1])
  })

  // spec: STT-RLY-16
  test('ends with either of its ends, in that turn; a dialer that leaves takes its ticket', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    for (const which of ['dialer', 'acceptor'] as const) {
      const ends = bench.circuit(listener, box(1))
      ends[which].end()
      expect(ends[which === 'dialer' ? 'acceptor' : 'dialer'].closed).toBe(1000)
      expect(bench.engine.getStatistics().circuits).toBe(0)
    }
    const dialer = bench.open()
    dialer.dial([box(1)])
    dialer.end()
    expect(bench.engine.getStatistics().tickets).toBe(0)
    const late = bench.open()
    late.accept(listener.lastTicket)
    expect(late.heard).toEqual(['no nobody'])
  })

  test('lives on when its listener leaves, and waiting dialers are refused', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    const { dialer } = bench.circuit(listener, box(1))
    const waiting = bench.open()
    waiting.dial([box(1)])
    listener.end()
    expect([dialer.closed, waiting.heard, waiting.closed]).toEqual([undefined, ['no nobody'], 1000])
    expect(bench.engine.getStatistics()).toMatchObject({ circuits: 1, tickets: 0, listeners: 0 })
  })
})

describe('what a circuit carries', () => {
  // spec: STT-RLY-14
  test('passes in bursts and then at its rate, both directions together', () => {
    const bench = new RelayBench({ limits: { rate: 100_000, burst: 200_000 } })
    const { dialer } = bench.circuit(bench.listener(box(1)), box(1))
    const carry = (size: number) => bench.engine.carry(dialer.circuit!, size, bench.now)
    expect([carry(100_000), carry(100_000), carry(50_000)]).toEqual([0, 0, 500])
    bench.advance(500)
    expect(carry(10_000)).toBe(100)
    bench.advance(10_000)
    expect([carry(200_000), carry(1)]).toEqual([0, 1])
    expect(bench.engine.getStatistics()).toMatchObject({ bytes: 460_001, messages: 6 })
  })

  // spec: STT-RLY-34
  test('whose listener has no place tells the dialer so, by the close code and the name of the limit', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    for (const [busy, code, reason] of [
      ['pendingHandshakes', 1013, 'pendingHandshakes'],
      ['', 1013, ''],
      [undefined, 1000, 'the circuit has ended'],
    ] as const) {
      const { dialer, acceptor } = bench.circuit(listener, box(1))
      acceptor.end(busy)
      expect([dialer.closed, dialer.closeReason]).toEqual([code, reason])
      expect(bench.engine.getStatistics().circuits).toBe(0)
    }
  })

  // spec: STT-RLY-15
  test('is bounded by bytes and by time at a relay without keys', () => {
    const bench = new RelayBench({ limits: { freeMebibytes: 1, freeSeconds: 3_600 } })
    const listener = bench.listener(box(1))
    const { dialer, acceptor } = bench.circuit(listener, box(1))
    expect(bench.engine.carry(dialer.circuit!, 1_048_576, bench.now)).toBe(0)
    expect(bench.engine.carry(dialer.circuit!, 1, bench.now)).toBe(Number.POSITIVE_INFINITY)
    bench.drain()
    expect([dialer.closed, acceptor.closed, bench.engine.getStatistics().circuits]).toEqual([1000, 1000, 0])

    const second = bench.circuit(listener, box(1))
    const end = bench.now + 3_600_000
    while (bench.now < end - 30_000) {
      bench.advance(30_000)
      listener.listen([{ mailbox: box(1), token: counting(1, 16) }])
    }
    expect(second.dialer.closed).toBeUndefined()
    bench.advance(end - bench.now)
    expect([second.dialer.closed, second.acceptor.closed]).toEqual([1000, 1000])
  })

  // spec: STT-RLY-15
  test('has no end for those with a key', () => {
    const bench = new RelayBench({ keys: [ACCESS] })
    const listener = bench.open()
    listener.listen([{ mailbox: box(1), token: token(1) }], ACCESS)
    const dialer = bench.open()
    dialer.dial([box(1)], ACCESS)
    bench.open().accept(listener.lastTicket)
    const carry = () => bench.engine.carry(dialer.circuit!, 2 ** 40, bench.now)
    expect(carry()).toBeLessThan(Number.POSITIVE_INFINITY)
    bench.advance(7 * 86_400_000)
    expect(dialer.closed).toBeUndefined()
  })
})

describe('access', () => {
  const claims = [{ mailbox: box(1), token: token(1) }]

  // spec: STT-RLY-7
  test('is proved by the key, for this relay, this connection and this message', () => {
    const bench = new RelayBench({ keys: [counting(9, 32), ACCESS] })
    const attempt = (act: (client: Client) => void): string[] => {
      const client = bench.open()
      act(client)
      return client.heard
    }
    expect(attempt(client => client.listen(claims, ACCESS))).toEqual([])
    expect(attempt(client => client.dial([box(7)], ACCESS))).toEqual(['no nobody'])

    const seen = bench.open()
    const denied = [
      attempt(client => client.listen(claims)),
      attempt(client => client.listen(claims, counting(4, 32))),
      attempt(client => client.dial([box(7)])),
      attempt(client => client.send(encodeListen(claims, client.prove(ACCESS, 'other.example:443')))),
      attempt(client => client.send(encodeListen(claims, client.prove(ACCESS, AUTHORITY, seen.greeting.nonce)))),
      attempt(client => client.send(encodeListen(claims, (_, body) => client.prove(ACCESS)(0xc2, body)))),
      attempt(client =>
        client.send(encodeListen(claims, type => client.prove(ACCESS)(type, Uint8Array.of(1, ...box(2), ...token(1))))),
      ),
      attempt(client =>
        client.send(encodeListen(claims, (type, body) => client.prove(ACCESS)(type, body).fill(0, 12, 13))),
      ),
      attempt(client =>
        client.send(encodeListen(claims, (type, body) => client.prove(ACCESS)(type, body).fill(1, 11, 12))),
      ),
    ]
    expect(denied).toEqual(denied.map(() => ['no auth']))
    expect(bench.engine.getStatistics().refused.auth).toBe(denied.length)
  })

  // spec: STT-RLY-7
  test('is asked for again with each LISTEN', () => {
    const bench = new RelayBench({ keys: [ACCESS] })
    const listener = bench.open()
    listener.listen(claims, ACCESS)
    listener.listen(claims)
    expect([listener.heard, listener.closed]).toEqual([['no auth'], 1008])
  })

  test('is ignored by a relay without keys', () => {
    const listener = new RelayBench().open()
    listener.listen(claims, ACCESS)
    expect([listener.heard, listener.isProved]).toEqual([[], true])
  })
})

describe('a listener', () => {
  const claim = (number: number, by = number) => ({ mailbox: box(number), token: token(by) })

  // spec: STT-RLY-8
  test('listens anew each minute, or is let go after 90 s; its PINGs alone do not hold it', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    for (let i = 0; i < 5; i++) {
      bench.advance(60_000)
      listener.listen([{ mailbox: box(1), token: counting(1, 16) }])
      listener.ping()
    }
    expect([listener.closed, listener.heard]).toEqual([undefined, ['pong', 'pong', 'pong', 'pong', 'pong']])
    for (let i = 0; i < 5; i++) {
      bench.advance(15_000)
      listener.ping()
    }
    expect(listener.closed).toBeUndefined()
    bench.advance(15_000)
    expect(listener.closed).toBe(1000)
  })

  // spec: STT-RLY-8
  test('has the names of its last LISTEN, and no others', () => {
    const bench = new RelayBench()
    const listener = bench.open()
    listener.listen([claim(1), claim(2)])
    listener.listen([claim(2), claim(3)])
    const reach = (number: number): string[] => {
      const dialer = bench.open()
      dialer.dial([box(number)])
      dialer.end()
      return dialer.heard
    }
    expect([reach(1), reach(2), reach(3)]).toEqual([['no nobody'], [], []])
    // The name of an hour that is over is free at once.
    const other = bench.open()
    other.listen([claim(1, 9)])
    expect(other.heard).toEqual([])
    expect(bench.engine.getStatistics().mailboxes).toBe(3)
  })

  // spec: STT-RLY-9
  test('has its names from an older connection that has not ended yet', () => {
    const bench = new RelayBench()
    const zombie = bench.listener(box(1))
    const back = bench.listener(box(1))
    expect([zombie.heard, back.heard]).toEqual([[], []])
    bench.open().dial([box(1)])
    expect([zombie.heard, back.heard]).toEqual([[], ['incoming']])
    zombie.end()
    bench.open().dial([box(1)])
    expect(back.heard).toEqual(['incoming', 'incoming'])
  })

  // spec: STT-RLY-9
  test('keeps its names against another token while it answers', () => {
    const bench = new RelayBench()
    const owner = bench.listener(box(1), token(1))
    const thief = bench.listener(box(1), token(2))
    expect([thief.heard, thief.closed, owner.heard]).toEqual([['no taken'], 1000, ['ping']])
    owner.pong()
    bench.advance(3_000)
    expect(owner.closed).toBeUndefined()
    const again = bench.listener(box(1), token(2))
    expect(again.heard).toEqual(['no taken'])
    bench.open().dial([box(1)])
    expect(owner.heard).toContain('incoming')
  })

  // spec: STT-RLY-9
  test('that does not answer loses them, 30 s after it was given up', () => {
    const bench = new RelayBench()
    const owner = bench.listener(box(1), token(1))
    bench.listener(box(1), token(2))
    bench.advance(2_999)
    expect(owner.closed).toBeUndefined()
    bench.advance(1)
    expect(owner.closed).toBe(1000)
    bench.advance(29_999)
    expect(bench.listener(box(1), token(2)).heard).toEqual(['no taken'])
    bench.advance(1)
    expect(bench.listener(box(1), token(2)).heard).toEqual([])
  })

  // spec: STT-RLY-9
  test('has 30 s to come back, and no other token gets its names', () => {
    const bench = new RelayBench()
    const owner = bench.listener(box(1), token(1))
    owner.end()
    bench.advance(20_000)
    expect(bench.listener(box(1), token(2)).heard).toEqual(['no taken'])
    const back = bench.listener(box(1), token(1))
    expect(back.heard).toEqual([])
    bench.advance(20_000)
    expect(bench.listener(box(1), token(2)).heard).toEqual(['no taken'])
    expect(back.heard).toEqual(['ping'])
    back.send(encodePong(counting(0, 8)))
    bench.advance(3_000)
    expect(back.closed).toBe(1000)
  })

  // spec: STT-RLY-9
  test('is asked once in 10 s, however many want its name', () => {
    const bench = new RelayBench()
    const owner = bench.listener(box(1), token(1))
    for (let i = 0; i < 200; i++) {
      bench.listener(box(1), token(2))
      if (i === 0) owner.pong()
      bench.advance(40)
    }
    expect([owner.heard, owner.closed]).toEqual([['ping'], undefined])
  })

  // spec: STT-RLY-9
  test('gets those of its names that are free', () => {
    const bench = new RelayBench()
    bench.listener(box(1), token(1))
    const other = bench.open()
    other.listen([claim(1, 2), claim(2, 2)])
    expect([other.heard, other.closed]).toEqual([['no taken'], undefined])
    bench.open().dial([box(2)])
    expect(other.heard).toEqual(['no taken', 'incoming'])
  })
})

describe('limits', () => {
  // spec: STT-RLY-16
  test('of listeners: together, of one address, and new ones of one address in a second', () => {
    const bench = new RelayBench({ limits: { listeners: 5, listenersPerAddress: 3, listenersPerSecond: 2 } })
    const from = (address: string | undefined, number: number) =>
      bench.listener(box(number), token(number), { address })
    const first = from('a', 1)
    from('a', 2)
    expect(from('a', 3).heard).toEqual(['no rate'])
    bench.advance(1_000)
    from('a', 3)
    expect(from('a', 4).heard).toEqual(['no full'])
    first.end()
    expect(from('a', 4).heard).toEqual([])
    expect([from('b', 5).heard, from('c', 6).heard]).toEqual([[], []])
    const tooMany = from('d', 7)
    expect([tooMany.heard, tooMany.closed]).toEqual([['no full'], 1013])
  })

  // spec: STT-RLY-16
  test('of an address are not those of a proxy, which many share', () => {
    const bench = new RelayBench({ limits: { listenersPerAddress: 1, circuitsPerAddress: 1 } })
    const listeners = [1, 2, 3].map(number => bench.listener(box(number), token(number), {}))
    expect(listeners.map(({ heard }) => heard)).toEqual([[], [], []])
    for (let i = 0; i < 3; i++) bench.circuit(listeners[0]!, box(1), {})
    expect(bench.engine.getStatistics().circuits).toBe(3)
  })

  // spec: STT-RLY-16
  test('of circuits: together, to one listener, dialed from one address, and in a second', () => {
    const limits = { circuits: 6, circuitsPerListener: 3, circuitsPerAddress: 2, dialsPerSecond: 2 }
    const bench = new RelayBench({ limits })
    const [one, two] = [bench.listener(box(1), token(1)), bench.listener(box(2), token(2))]
    const dial = (number: number, address: string): Client => {
      const dialer = bench.open({ address })
      dialer.dial([box(number)])
      return dialer
    }
    const first = bench.circuit(one, box(1), { address: 'a' })
    first.dialer.end()
    bench.circuit(one, box(1), { address: 'a' })
    expect(dial(1, 'a').heard).toEqual(['no rate'])
    bench.advance(1_000)
    bench.circuit(one, box(1), { address: 'a' })
    expect(dial(1, 'a').heard).toEqual(['no full'])
    expect(dial(1, 'b').heard).toEqual([])
    expect(dial(1, 'c').heard).toEqual(['no full'])
    for (const address of ['d', 'e', 'f']) bench.circuit(two, box(2), { address })
    expect(bench.engine.getStatistics()).toMatchObject({ circuits: 5, tickets: 1 })
    bench.listener(box(3), token(3))
    expect(dial(3, 'g').heard).toEqual(['no full'])
  })

  // spec: STT-RLY-16
  test('the limit of dials in a second counts dials of unknown names, which hold no place', () => {
    const bench = new RelayBench({ limits: { circuitsPerAddress: 1 } })
    const dial = (): string[] => {
      const dialer = bench.open({ address: 'a' })
      dialer.dial([box(7)])
      return dialer.heard
    }
    expect(Array.from({ length: 21 }, dial).map(([heard]) => heard)).toEqual([
      ...Array(20).fill('no nobody'),
      'no rate',
    ])
  })

  // spec: STT-RLY-16
  test('of dials whose listener has not answered', () => {
    const bench = new RelayBench({ limits: { tickets: 2 } })
    bench.listener(box(1))
    const dialers = [bench.open(), bench.open(), bench.open()]
    for (const dialer of dialers) dialer.dial([box(1)])
    expect(dialers.map(({ heard }) => heard)).toEqual([[], [], ['no full']])
    dialers[0]!.end()
    const next = bench.open()
    next.dial([box(1)])
    expect(next.heard).toEqual([])
  })

  // spec: STT-RLY-16
  test('by themselves are those of the protocol', () => {
    const bench = new RelayBench()
    for (let i = 0; i < 64; i++) {
      if (i % 20 === 0) bench.advance(1_000)
      expect(bench.listener(box(i), token(i), { address: 'a' }).heard).toEqual([])
    }
    bench.advance(1_000)
    expect(bench.listener(box(64), token(64), { address: 'a' }).heard).toEqual(['no full'])
    for (let i = 0; i < 16; i++) bench.open().dial([box(0)])
    const more = bench.open()
    more.dial([box(0)])
    expect(more.heard).toEqual(['no full'])
  })

  // spec: STT-RLY-17
  test('of messages on one control leg: 20 a second, 40 at once', () => {
    const bench = new RelayBench()
    const listener = bench.listener(box(1))
    for (let i = 0; i < 39; i++) listener.ping()
    expect(listener.closed).toBeUndefined()
    bench.advance(1_000)
    for (let i = 0; i < 20; i++) listener.ping()
    expect(listener.closed).toBeUndefined()
    listener.ping()
    expect([listener.heard.at(-1), listener.closed]).toEqual(['no rate', 1013])
  })
})

describe('going away', () => {
  // spec: STT-RLY-18
  test('is told to listeners, each with another time to come back; circuits go on, and no new client is served', () => {
    const bench = new RelayBench()
    const listeners = Array.from({ length: 30 }, (_, i) => bench.listener(box(i), token(i)))
    const { dialer } = bench.circuit(listeners[0]!, box(0))
    bench.engine.goAway()
    bench.engine.goAway()
    bench.drain()
    const told = listeners.map(({ received }) => received.at(-1)!)
    const times = told.map(message => (message.type === 'goingAway' ? message.reconnectIn : Number.NaN))
    expect(new Set(times).size).toBeGreaterThan(20)
    expect([Math.min(...times) >= 1_000, Math.max(...times) < 11_000]).toEqual([true, true])
    expect(listeners[1]!.heard).toEqual(['goingAway'])
    const late = bench.listener(box(90))
    const caller = bench.open()
    caller.dial([box(1)])
    expect([late.heard, caller.heard, dialer.closed]).toEqual([['no full'], ['no full'], undefined])
    // It may still listen: it leaves when it likes.
    listeners[2]!.listen([{ mailbox: box(2), token: token(2) }])
    expect(listeners[2]!.closed).toBeUndefined()
  })
})

test('no state is left when all connections are gone', () => {
  const bench = new RelayBench()
  const clients = [bench.open(), bench.listener(box(1)), bench.listener(box(2), token(2))]
  for (let i = 0; i < 5; i++) {
    const { dialer, acceptor } = bench.circuit(clients[1]!, box(1))
    clients.push(dialer, acceptor)
  }
  for (const client of clients) client.end()
  for (const client of clients) client.ping()
  bench.advance(31_000)
  expect(bench.engine.getStatistics()).toMatchObject({ listeners: 0, circuits: 0, tickets: 0, mailboxes: 0 })
  expect(bench.drain()).toBe(Number.POSITIVE_INFINITY)
})

test('a clock that jumps a day ahead ends what is late, once and with its code, and everybody may come again', () => {
  const bench = new RelayBench()
  const silent = bench.open()
  const listener = bench.listener(box(1))
  const { dialer, acceptor } = bench.circuit(listener, box(1))
  const waiting = bench.open()
  waiting.dial([box(1)])
  bench.now += 86_400_000
  bench.drain()
  expect([silent, listener, dialer, acceptor, waiting].map(({ closed }) => closed)).toEqual([
    1008, 1000, 1000, 1000, 1000,
  ])
  bench.advance(31_000)
  expect(bench.engine.getStatistics()).toMatchObject({ listeners: 0, circuits: 0, tickets: 0, mailboxes: 0 })
  const again = bench.listener(box(1))
  expect(bench.circuit(again, box(1)).dialer.circuit).toBeDefined()
})
