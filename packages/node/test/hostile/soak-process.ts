/**
 * The processes of the soak, one role each: `listen`, `attack`, `strange` (attacks without the seed), `work` (an honest
 * session), `burn` (CPU time and nothing else). The seed comes in `STT_TEST_SEED`; orders come from the parent as messages
 * and are answered by one.
 */
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { Seed, type Session, STTNode, type Stream } from '@stt/node'
import { createRandom, measureMemory, type Random } from '@stt/testing'
import { type CallbackTime, watchCallbacks } from './callback-time.ts'
import { ATTACKS } from './hostile-frames.ts'
import { hostilePeer, openWire } from './hostile-peer.ts'

type Orders = Readonly<Record<string, (order: Order) => Promise<unknown> | unknown>>

export interface Order {
  readonly what: string
  readonly seconds?: number
  readonly addresses?: readonly string[]
  readonly seed?: number
  /** Of a listener, bytes. */
  readonly memory?: number
  /** Of a burner, seconds of CPU time to burn. */
  readonly cpu?: number
  /** Whether a listener measures its callbacks, which costs it as much again as a small packet does. */
  readonly watched?: boolean
}

const seed = Seed.fromHex(process.env['STT_TEST_SEED']!)
const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
/** Begins to count seconds of CPU time. */
const countCpu = (): (() => number) => {
  const before = cpuSeconds()
  return () => cpuSeconds() - before
}
const until = (seconds: number): (() => boolean) => {
  const end = performance.now() + 1_000 * seconds
  return () => performance.now() < end
}

const roles: Readonly<Record<string, () => Orders>> = {
  listen() {
    let callbacks: CallbackTime | undefined
    let node: STTNode
    return {
      async start({ memory, watched }) {
        if (watched) callbacks = watchCallbacks()
        node = await STTNode.create({
          seed,
          listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'],
          limits: { memory: memory! },
        })
        node.onSession(session => serve(session))
        return node.addresses
      },
      async state() {
        const { sessions, sessionsOpened } = node.getStatistics()
        return {
          memory: await measureMemory(),
          longest: callbacks?.longest ?? 0,
          caller: callbacks?.caller,
          sessions,
          sessionsOpened,
        }
      },
    }
  },

  attack: () => ({
    async start({ addresses, seconds, seed: number }) {
      const random = createRandom(number!)
      const goesOn = until(seconds!)
      const spent = countCpu()
      const counts: Record<string, number> = {}
      await Promise.all(addresses!.map(address => attackOn(address, random.fork(address), goesOn, counts)))
      return { counts, cpu: spent() }
    },
  }),

  strange: () => ({
    async start({ addresses, seconds, seed: number }) {
      const goesOn = until(seconds!)
      const spent = countCpu()
      await Promise.all(addresses!.map(address => beStrangeTo(address, createRandom(number!), goesOn)))
      return { counts: {}, cpu: spent() }
    },
  }),

  work: () => ({
    async start({ addresses, seconds }) {
      const node = await STTNode.create({ seed })
      let bytes = 0
      for (const address of addresses!) {
        const session = await node.connect(address)
        const stream = await session.openStream()
        const block = new Uint8Array(65_536).fill(7)
        const goesOn = until(seconds! / addresses!.length)
        for (; goesOn(); bytes += block.length) await stream.write(block)
        await stream.end()
        await stream.delivered
        await session.close()
      }
      await node.close()
      return { bytes }
    },
  }),

  burn: () => ({
    async start({ seconds, cpu }) {
      const goesOn = until(seconds!)
      const startedAt = performance.now()
      const spent = countCpu()
      // By CPU time and not by the clock: it shares its cores with who works, as the attacker did.
      while (goesOn()) {
        const due = (cpu! * (performance.now() - startedAt)) / (1_000 * seconds!)
        while (spent() < due) for (let i = 0; i < 1_000; i++) Math.hypot(i, 2)
        await pause(5)
      }
      return { cpu: spent() }
    },
  }),
}

/** Reads some streams at once, some slowly, some not at all, some as messages; takes datagrams of some sessions. */
async function serve(session: Session): Promise<void> {
  let opened = 0
  for await (const stream of session.streams()) {
    const kind = opened++ % 4
    if (kind === 3) continue
    void read(stream, kind).catch(() => {
      // Its peer is hostile: what becomes of the stream is not what is looked at here.
    })
  }
}

async function read(stream: Stream, kind: number): Promise<void> {
  if (kind === 1) {
    for await (const message of stream.messages()) if (message.length < 0) return
    return
  }
  for await (const chunk of stream) if (kind === 2) await pause(chunk.length > 0 ? 5 : 0)
}

async function attackOn(
  address: string,
  random: Random,
  goesOn: () => boolean,
  counts: Record<string, number>,
): Promise<void> {
  const names = Object.keys(ATTACKS)
  const largest = address.startsWith('udp:') ? 1_400 : 65_000
  while (goesOn()) {
    const wire = await openWire(address, `127.${3 + random.integer(200)}.0.1`).catch(() => undefined)
    if (wire === undefined) {
      await pause(20)
      continue
    }
    try {
      const peer = await hostilePeer(wire, seed, 1_000)
      peer.send(Uint8Array.of(0x1e))
      // One kind often, others now and then: most kinds end their session.
      const favourite = names[random.integer(names.length)]!
      for (let round = 0; round < 40 && !wire.closed && goesOn(); round++) {
        const name = random.chance(0.8) ? favourite : names[random.integer(names.length)]!
        counts[name] = (counts[name] ?? 0) + 1
        ATTACKS[name]!(peer, random, largest)
        await pause(random.integer(8))
      }
    } catch {
      // Refused, busy or closed: the next one.
      await pause(10)
    } finally {
      wire.close()
    }
  }
}

/** What somebody without the seed can do: garbage that looks like something, connections that say nothing or a lie. */
async function beStrangeTo(address: string, random: Random, goesOn: () => boolean): Promise<void> {
  const { port } = new URL(address)
  if (address.startsWith('udp:')) {
    const socket = createSocket('udp4').on('error', () => {})
    for (let i = 0; goesOn(); i++) {
      const bytes = random.bytes(random.chance(0.5) ? 1_200 : 1 + random.integer(100))
      bytes[0] = [0x80, 0x81, 0x82, 0x40, 0xc0][random.integer(5)]!
      bytes[1] = 1
      socket.send(bytes, Number(port), '127.0.0.1')
      if (i % 16 === 15) await pause(4)
    }
    socket.close()
    return
  }
  const sockets: Socket[] = []
  while (goesOn()) {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.${3 + random.integer(4)}.0.1` })
    socket.on('error', () => {})
    if (random.chance(0.5)) {
      socket.write(
        'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n',
      )
      socket.write('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: stt.v1\r\n\r\n')
      socket.write(Buffer.concat([Buffer.of(0x82, 0xfe, 0, 200, 0, 0, 0, 0), random.bytes(200)]))
    }
    sockets.push(socket)
    if (sockets.length > 400) sockets.shift()!.destroy()
    await pause(5)
  }
  for (const socket of sockets) socket.destroy()
}

const orders = roles[process.argv[2]!]!()
process.on('message', (order: Order) => {
  void Promise.resolve(orders[order.what]!(order)).then(
    answer => process.send!({ answer }),
    (error: unknown) => process.send!({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())
