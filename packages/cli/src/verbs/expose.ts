import type { Session, Stream } from '@stt/node'
import type { Context } from '../context.ts'
import { isToldAt } from '../forward/occasionally.ts'
import { type Served, serveStream } from '../forward/serve-stream.ts'
import { formatTarget, parseTarget } from '../forward/target.ts'
import { Meeting } from '../meet/meeting.ts'
import { counted } from '../plural.ts'
import { describeSize } from '../progress.ts'

export interface ExposeOptions {
  readonly listen?: readonly string[]
  readonly relay: readonly string[]
}

/** Lets the other machine reach the named TCP ports, and no others, of this machine or of machines that this one reaches. */
export async function expose(
  name: string,
  texts: readonly string[],
  options: ExposeOptions,
  context: Context,
): Promise<void> {
  const targets = texts.map(parseTarget)
  const { signal, output } = context
  const listen = options.listen ?? ANYWHERE
  const meeting = await Meeting.open(name, 'expose', { listen, relays: options.relay, streams: CONNECTIONS }, context)
  const stop = (): void => void meeting.close()
  signal.addEventListener('abort', stop)
  const exposer = new Exposer(new Set(targets.map(formatTarget)), context)
  try {
    const words = targets.map(target => `${target.port < 1_024 ? target.port + 8_000 : target.port}:${formatTarget(target)}`) // biome-ignore format: one line
    meeting.announce(`stt forward ${meeting.nameThere} ${words.join(' ')}`)
    await exposer.serve(meeting)
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', stop)
    await meeting.close()
    exposer.tellAll()
    output.note('nothing is exposed any more')
  }
}

class Exposer {
  readonly #exposed: ReadonlySet<string>
  readonly #context: Context
  readonly #counts = { connections: 0, refused: 0, failed: 0, sent: 0, received: 0 }
  #failed: ((error: unknown) => void) | undefined

  constructor(exposed: ReadonlySet<string>, context: Context) {
    this.#exposed = exposed
    this.#context = context
  }

  /** Serves sessions until the meeting is over. Rejects only with a defect. */
  serve(meeting: Meeting): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#failed = reject
      const accept = async (): Promise<void> => {
        // A machine that lost its network may come again before its old session has timed out: both are served.
        for await (const session of meeting.sessions()) this.#serveSession(session).catch(reject)
      }
      accept().then(resolve, reject)
    })
  }

  tellAll(): void {
    const { output } = this.#context
    const { connections, refused, failed, sent, received } = this.#counts
    output.line({ type: 'forwarded', ...this.#counts })
    output.result(
      `${counted(connections, 'connection')}, ${describeSize(received)} from there and ${describeSize(sent)} to there; ${refused} refused, ${failed} that the target did not take`,
    )
  }

  async #serveSession(session: Session): Promise<void> {
    for await (const stream of session.streams()) {
      if (stream.unidirectional) stream.stop()
      else this.#serveStream(stream).catch(this.#failed)
    }
  }

  async #serveStream(stream: Stream): Promise<void> {
    const served = await serveStream(stream, {
      exposed: this.#exposed,
      requestTimeout: REQUEST_TIMEOUT,
      connectTimeout: CONNECT_TIMEOUT,
      onOpen: () => this.#counts.connections++,
    })
    this.#count(served)
  }

  #count({ target, outcome, reason, sent, received }: Served): void {
    const { output } = this.#context
    this.#counts.sent += sent
    this.#counts.received += received
    if (outcome === 'checked') return
    const why = reason === undefined ? {} : { reason }
    output.line({ type: 'connection', ...(target !== undefined && { target }), outcome, sent, received, ...why })
    if (outcome === 'not-exposed' && isToldAt(++this.#counts.refused)) {
      output.problem(
        `refused: ${target}, which is not exposed: stt expose has to name it (${this.#counts.refused} in all)`,
      )
    }
    const isFailed = outcome === 'refused' || outcome === 'unreachable' || outcome === 'broken'
    if (isFailed && isToldAt(++this.#counts.failed)) {
      output.problem(`${target ?? 'a request'}: ${reason} (${counted(this.#counts.failed, 'such failure')} in all)`)
    }
  }
}

const ANYWHERE = ['udp://0.0.0.0:0', 'ws://0.0.0.0:0']
/** The most connections of one session: with so many, each still has 16 KiB of the session's window for itself. */
const CONNECTIONS = 256
/** Milliseconds. */
const REQUEST_TIMEOUT = 10_000
const CONNECT_TIMEOUT = 10_000
