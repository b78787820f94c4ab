import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from '@stt/crypto'
import { decodeBound, encodeBind, type Mapping, MappingJudge } from '@stt/rendezvous'
import { BUDGET } from './budget.ts'

/** A port of a relay that tells where datagrams come from. */
export interface UdpEndpoint {
  readonly address: string
  readonly port: number
}

/** What UDP of one family of addresses does here. */
export interface UdpAnswer {
  readonly family: 4 | 6
  readonly asked: readonly UdpEndpoint[]
  /** How others see this machine, where one of them answered. */
  readonly seen?: { readonly address: string; readonly port: number }
  /** The address and port from which it was asked. */
  readonly from?: { readonly address: string; readonly port: number }
  readonly mapping: Mapping
  /** The largest size for which it, and all below, were answered, with the headers; 0 where the smallest that sessions need was not. */
  readonly mtu?: number
}

/**
 * Asks relays over UDP where datagrams come from, and which sizes pass. Rejects with nothing that a network can cause.
 *
 * @param deviceMtu of the interface that has an address of this machine, where the system tells: what is longer leaves in pieces
 */
export async function askUdp(
  endpoints: readonly UdpEndpoint[],
  deviceMtu: (address: string) => number | undefined,
  signal: AbortSignal,
): Promise<UdpAnswer> {
  const family = endpoints[0]!.address.includes(':') ? 6 : 4
  const asker = await UdpAsker.open(family)
  try {
    const judge = new MappingJudge()
    const answered = await asker.askAll(endpoints, judge, signal)
    const [first] = answered
    const mapping = judge.judge(performance.now())
    if (!first) return { family, asked: endpoints, mapping }
    const address = await localAddressTo(first.endpoint)
    const most = deviceMtu(address) ?? ETHERNET
    const passed = await asker.askSizes(
      first.endpoint,
      MTUS.filter(each => each <= most),
      signal,
    )
    const from = { address, port: asker.port }
    return { family, asked: endpoints, seen: first.seen, from, mapping, mtu: Math.min(passed, most) }
  } finally {
    asker.close()
  }
}

interface Answered {
  readonly endpoint: UdpEndpoint
  readonly seen: Seen
}

/** Where a question came from, as the relay saw it. */
type Seen = NonNullable<ReturnType<typeof decodeBound>>

class UdpAsker {
  readonly #socket: Socket
  /** By nonce: what waits for an answer. */
  readonly #waiting = new Map<string, { readonly nonce: Uint8Array; readonly settle: (seen: Seen) => void }>()

  private constructor(socket: Socket) {
    this.#socket = socket
    // An ICMP error that came back is the loss of one question.
    socket.on('error', () => {})
    socket.on('message', datagram => {
      for (const { nonce, settle } of this.#waiting.values()) {
        const seen = decodeBound(datagram, nonce)
        if (seen) settle(seen)
      }
    })
  }

  static open(family: 4 | 6): Promise<UdpAsker> {
    return new Promise((resolve, reject) => {
      const socket = createSocket({ type: `udp${family}`, lookup: (ip, _, callback) => callback(null, ip, family) })
      socket.once('error', reject)
      socket.bind(0, () => {
        socket.off('error', reject)
        resolve(new UdpAsker(socket))
      })
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  close(): void {
    this.#socket.close()
  }

  /** Resolves when all have answered, when those that have did so a while ago, or when UDP is known to be blocked. */
  async askAll(
    endpoints: readonly UdpEndpoint[],
    judge: MappingJudge,
    signal: AbortSignal,
  ): Promise<readonly Answered[]> {
    const answered: Answered[] = []
    judge.asked(performance.now())
    await within(BUDGET.udp, signal, done => {
      let wait: NodeJS.Timeout | undefined
      const asking = endpoints.map(endpoint =>
        this.#ask(endpoint, QUESTIONS, 0, seen => {
          judge.answered(endpoint.address, endpoint.port, seen, performance.now())
          if (answered.push({ endpoint, seen }) === endpoints.length) done()
          else wait ??= setTimeout(done, BUDGET.otherUdpAnswers)
        }),
      )
      return () => {
        clearTimeout(wait)
        for (const stop of asking) stop()
      }
    })
    return answered
  }

  /**
   * From small to large, each once: a system that learned from the first loss how much passes sends later ones in pieces. The
   * smallest is asked again, as any datagram may be lost.
   *
   * @param mtus ascending
   */
  async askSizes(endpoint: UdpEndpoint, mtus: readonly number[], signal: AbortSignal): Promise<number> {
    const headers = endpoint.address.includes(':') ? IPV6_HEADERS : IPV4_HEADERS
    const passed = new Set<number>()
    const all = [SMALLEST_PACKET + headers, ...mtus]
    await within(BUDGET.sizes, signal, done => {
      const asking = all.map((mtu, i) =>
        this.#ask(endpoint, i === 0 ? QUESTIONS : ONCE, mtu - headers, () => {
          passed.add(mtu)
          if (passed.size === all.length) done()
        }),
      )
      return () => {
        for (const stop of asking) stop()
      }
    })
    const lost = all.findIndex(mtu => !passed.has(mtu))
    return lost === 0 ? 0 : all[lost < 0 ? all.length - 1 : lost - 1]!
  }

  /** @returns what ends it */
  #ask(
    { address, port }: UdpEndpoint,
    pauses: readonly number[],
    size: number,
    onAnswer: (seen: Seen) => void,
  ): () => void {
    const nonce = randomBytes(8)
    const key = String(nonce)
    const stop = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(key)
    }
    this.#waiting.set(key, {
      nonce,
      settle: seen => {
        stop()
        onAnswer(seen)
      },
    })
    let turn = 0
    let timer: NodeJS.Timeout | undefined
    const ask = (): void => {
      // What cannot be sent is a question that was lost.
      this.#socket.send(encodeBind(nonce, size), port, address, () => {})
      const pause = pauses[turn++]
      if (pause !== undefined) timer = setTimeout(ask, pause)
    }
    ask()
    return stop
  }
}

/** The address from which the system sends there. Nothing is sent. */
async function localAddressTo({ address, port }: UdpEndpoint): Promise<string> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.connect(port, address)
    await once(socket, 'connect')
    return socket.address().address
  } finally {
    socket.close()
  }
}

/** Resolves when `work` says that it is done, after `milliseconds`, or when `signal` ends. */
function within(milliseconds: number, signal: AbortSignal, work: (done: () => void) => () => void): Promise<void> {
  return new Promise(resolve => {
    let stop: (() => void) | undefined
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      stop?.()
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    stop = work(done)
    if (signal.aborted) done()
  })
}

/** Milliseconds to the next question, each time. */
const QUESTIONS: readonly number[] = [200, 400, 800]
const ONCE: readonly number[] = []
/** What a session needs before it goes over UDP. */
const SMALLEST_PACKET = 1_200
const IPV4_HEADERS = 28
const IPV6_HEADERS = 48
const ETHERNET = 1_500
/** Of IPv6 at least, of tunnels and lines as there are many, and of an Ethernet. */
const MTUS = [1_280, 1_360, 1_400, 1_420, 1_440, 1_460, 1_480, 1_492, ETHERNET] as const
