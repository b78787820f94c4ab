import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from '@stt/crypto'
import { decodeBound, encodeBind, type Mapping, MappingJudge } from '@stt/rendezvous'
import { BUDGET } from './budget.ts'

/** A port of a relay that answers datagrams with the address that they came from. */
export interface UdpEndpoint {
  readonly address: string
  readonly port: number
}

/** The findings about UDP for one address family. */
export interface UdpAnswer {
  readonly family: 4 | 6
  readonly asked: readonly UdpEndpoint[]
  /** This machine's address as relays see it, if one answered. */
  readonly seen?: { readonly address: string; readonly port: number }
  /** The address and port from which the questions were sent. */
  readonly from?: { readonly address: string; readonly port: number }
  readonly mapping: Mapping
  /** The largest size, with headers, up to which all sizes were answered; 0 if the smallest that sessions need was not. */
  readonly mtu?: number
}

/**
 * Asks relays over UDP for this machine's address, and finds the sizes that pass. Does not reject for an error of the network.
 *
 * @param deviceMtu gives the MTU of the interface with an address, if it is known: longer packets leave in fragments
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

/** The address of a question, as the relay saw it. */
type Seen = NonNullable<ReturnType<typeof decodeBound>>

class UdpAsker {
  readonly #socket: Socket
  /** Questions that wait for an answer, by nonce. */
  readonly #waiting = new Map<string, { readonly nonce: Uint8Array; readonly settle: (seen: Seen) => void }>()

  private constructor(socket: Socket) {
    this.#socket = socket
    // An ICMP error counts as the loss of one question.
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

  /** Resolves when all have answered, when the last answer is a while ago, or when UDP is known to be blocked. */
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
   * Asks with each size once, from small to large: after a loss some systems know the path's MTU, and send larger packets in
   * fragments. The smallest size is tried again, because any datagram may be lost.
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
      // A question that cannot be sent counts as lost.
      this.#socket.send(encodeBind(nonce, size), port, address, () => {})
      const pause = pauses[turn++]
      if (pause !== undefined) timer = setTimeout(ask, pause)
    }
    ask()
    return stop
  }
}

/** The address from which the system would send there. It sends no packet. */
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
/** The packet size that a session needs before it uses UDP. */
const SMALLEST_PACKET = 1_200
const IPV4_HEADERS = 28
const IPV6_HEADERS = 48
const ETHERNET = 1_500
/** MTUs to try: the smallest of IPv6, those of common tunnels and lines, and that of Ethernet. */
const MTUS = [1_280, 1_360, 1_400, 1_420, 1_440, 1_460, 1_480, 1_492, ETHERNET] as const
