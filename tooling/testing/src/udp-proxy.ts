import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createRandom, type Random } from './random.ts'

/** Probabilities 0 to 1 for one direction. A reordered datagram is held until three others have passed it. */
export interface ProxyConditions {
  readonly drop?: number
  readonly reorder?: number
  readonly duplicate?: number
  readonly corrupt?: number
}

/** The proxy's counts of datagrams in one direction. */
export interface ProxyCounters {
  received: number
  forwarded: number
  dropped: number
  reordered: number
  duplicated: number
  corrupted: number
}

export interface UdpProxyOptions {
  readonly target: { readonly host: string; readonly port: number }
  readonly seed: number
  readonly toTarget?: ProxyConditions
  readonly toClient?: ProxyConditions
  /** Sees each datagram as it arrives: a wiretap. The bytes are valid only during the call. */
  readonly tap?: (packet: Uint8Array, direction: 'to-target' | 'to-client') => void
}

export interface UdpProxy {
  readonly host: string
  readonly port: number
  readonly toTarget: Readonly<ProxyCounters>
  readonly toClient: Readonly<ProxyCounters>
  /** While true everything vanishes, and counts as dropped. */
  blackhole: boolean
  /** From now on the target sees every client come from a new port, as after a NAT forgot. */
  rebind(): Promise<void>
  close(): Promise<void>
}

/**
 * A proxy on 127.0.0.1 between real sockets that drops, reorders, duplicates and damages with seeded probabilities,
 * both ways. The kernel's timing is not seeded, so a run is alike and not identical.
 */
export async function createUdpProxy(options: UdpProxyOptions): Promise<UdpProxy> {
  const { target } = options
  const random = createRandom(options.seed)
  const front = await bound('127.0.0.1')
  const upstreams = new Map<string, Upstream>()
  let blackhole = false
  let closing = false

  const toTarget = direction(random.fork('to target'), options.toTarget ?? {}, () => blackhole)
  const toClient = direction(random.fork('to client'), options.toClient ?? {}, () => blackhole)

  const connectUpstream = async (client: { address: string; port: number }): Promise<Socket> => {
    const socket = await bound(target.host.includes(':') ? '::' : '0.0.0.0')
    const back = toClient.lane(bytes => {
      if (!closing) front.send(bytes, client.port, client.address, ignoreLoss)
    })
    socket.on('message', bytes => {
      options.tap?.(bytes, 'to-client')
      back(bytes)
    })
    return socket
  }

  front.on('message', (bytes, client) => {
    const key = `${client.address} ${client.port}`
    let upstream = upstreams.get(key)
    if (!upstream) {
      const fresh: Upstream = { client, socket: undefined, waiting: [], forward: () => {} }
      fresh.forward = toTarget.lane(packet => {
        if (fresh.socket) fresh.socket.send(packet, target.port, target.host, ignoreLoss)
        else fresh.waiting.push(packet)
      })
      upstreams.set(key, (upstream = fresh))
      void connectUpstream(client).then(socket => {
        if (closing) return void socket.close()
        fresh.socket = socket
        for (const packet of fresh.waiting.splice(0)) fresh.forward(packet)
      })
    }
    options.tap?.(bytes, 'to-target')
    upstream.forward(bytes)
  })

  return {
    host: '127.0.0.1',
    port: front.address().port,
    toTarget: toTarget.counters,
    toClient: toClient.counters,
    get blackhole() {
      return blackhole
    },
    set blackhole(value) {
      blackhole = value
    },
    async rebind() {
      for (const upstream of upstreams.values()) {
        const old = upstream.socket
        upstream.socket = await connectUpstream(upstream.client)
        old?.close()
      }
    },
    async close() {
      closing = true
      const open = [front, ...[...upstreams.values()].flatMap(({ socket }) => socket ?? [])]
      await Promise.all(open.map(socket => new Promise<void>(resolve => socket.close(resolve))))
    },
  }
}

interface Upstream {
  readonly client: { address: string; port: number }
  socket: Socket | undefined
  readonly waiting: Uint8Array[]
  forward: (bytes: Uint8Array) => void
}

interface Held {
  readonly bytes: Uint8Array
  passes: number
}

/** A datagram that is held goes on after this many others, or after this many milliseconds when none come. */
const HOLD_PACKETS = 3
const HOLD_MILLISECONDS = 20

/** The misfortunes of one direction; a lane is one flow of it, within which datagrams are reordered. */
function direction(random: Random, conditions: ProxyConditions, vanishes: () => boolean) {
  const { drop = 0, reorder = 0, duplicate = 0, corrupt = 0 } = conditions
  const counters: ProxyCounters = { received: 0, forwarded: 0, dropped: 0, reordered: 0, duplicated: 0, corrupted: 0 }

  const lane = (send: (bytes: Uint8Array) => void): ((bytes: Uint8Array) => void) => {
    const held: Held[] = []
    const forward = (bytes: Uint8Array): void => {
      counters.forwarded++
      send(bytes)
    }
    const release = (item: Held): void => {
      const at = held.indexOf(item)
      if (at < 0) return
      held.splice(at, 1)
      forward(item.bytes)
    }
    return bytes => {
      counters.received++
      if (vanishes() || random.chance(drop)) {
        counters.dropped++
        return
      }
      if (random.chance(corrupt)) {
        counters.corrupted++
        bytes = bytes.slice()
        const at = random.integer(bytes.length)
        bytes[at] = bytes[at]! ^ (1 << random.integer(8))
      }
      if (random.chance(reorder)) {
        counters.reordered++
        const item: Held = { bytes, passes: HOLD_PACKETS }
        held.push(item)
        setTimeout(release, HOLD_MILLISECONDS, item).unref()
        return
      }
      forward(bytes)
      if (random.chance(duplicate)) {
        counters.duplicated++
        forward(bytes)
      }
      for (const item of [...held]) if (--item.passes === 0) release(item)
    }
  }
  return { counters, lane }
}

/** A refused or full socket loses a datagram: that is what a proxy of misfortunes is for. */
const ignoreLoss = (): void => {}

async function bound(host: string): Promise<Socket> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 })
  socket.on('error', ignoreLoss)
  const listening = once(socket, 'listening')
  socket.bind(0, host)
  await listening
  return socket
}
