import { connect, type LookupFunction, type Socket } from 'node:net'
import { isSttError, type Stream } from '@stt/node'
import { hasCode } from '../cli-error.ts'
import {
  type Answer,
  decodeRequest,
  encodeAnswer,
  ForwardProtocolError,
  HEADER_LENGTH,
  hostLength,
  type Request,
} from './protocol.ts'
import { breakOff, isOfSystem, splice, type Traffic } from './splice.ts'
import { formatTarget, type Target } from './target.ts'

export interface ServeOptions {
  /** The only targets that may be reached, as `formatTarget` writes them. */
  readonly exposed: ReadonlySet<string>
  /** Milliseconds that a request may take to come. */
  readonly requestTimeout: number
  /** Milliseconds that the target may take to answer. */
  readonly connectTimeout: number
  /** Looks up names. Default: the system. */
  readonly lookup?: LookupFunction
  /** Called for each connection that is established. */
  readonly onOpen: (target: string) => void
}

/** The outcome of one stream. */
export interface Served extends Traffic {
  /** Target as it was asked for: short, printable ASCII. Undefined without a request. */
  readonly target?: string
  readonly outcome: 'ended' | 'reset' | 'checked' | 'broken' | Exclude<Answer, 'connected'>
  readonly reason?: string
}

/**
 * Serves one stream of the other machine: reads the target that it asks for, and joins the stream with that if it is exposed.
 *
 * Does not reject for an error of the other machine or the network.
 */
export async function serveStream(stream: Stream, options: ServeOptions): Promise<Served> {
  const traffic = { sent: 0, received: 0 }
  let target: string | undefined
  try {
    const request = await readRequest(stream, options.requestTimeout)
    target = formatTarget(request)
    if (!options.exposed.has(target)) return { target, ...traffic, outcome: await decline(stream, 'not-exposed') }
    if (request.kind === 'check') {
      await stream.write(encodeAnswer('connected'))
      await stream.end()
      stream.stop()
      return { target, ...traffic, outcome: 'checked' }
    }
    return { target, ...(await join(stream, request, options, traffic)) }
  } catch (error) {
    if (!isSttError(error) && !(error instanceof ForwardProtocolError)) throw error
    stream.reset()
    stream.stop()
    const isLate = target === undefined && isSttError(error, 'STT_TIMEOUT')
    const reason = isLate ? `it asked for no target within ${options.requestTimeout / 1_000} s` : error.message
    return { ...(target !== undefined && { target }), ...traffic, outcome: 'broken', reason }
  }
}

async function readRequest(stream: Stream, timeout: number): Promise<Request> {
  const signal = AbortSignal.timeout(timeout)
  const header = await stream.readExactly(HEADER_LENGTH, { signal })
  return decodeRequest(header, await stream.readExactly(hostLength(header), { signal }))
}

async function join(
  stream: Stream,
  request: Request,
  options: ServeOptions,
  traffic: Traffic,
): Promise<Pick<Served, 'outcome' | 'reason' | 'sent' | 'received'>> {
  let socket: Socket
  try {
    socket = await connected(request, options)
  } catch (error) {
    if (!isOfSystem(error)) throw error
    const outcome = await decline(stream, hasCode(error, 'ECONNREFUSED') ? 'refused' : 'unreachable')
    return { ...traffic, outcome, reason: error.message }
  }
  options.onOpen(formatTarget(request))
  try {
    await stream.write(encodeAnswer('connected'))
  } catch (error) {
    breakOff(socket, stream)
    throw error
  }
  const outcome = await splice(socket, stream, traffic)
  return { ...traffic, outcome }
}

/** Says why not, and ends the stream. */
async function decline<A extends Exclude<Answer, 'connected'>>(stream: Stream, answer: A): Promise<A> {
  await stream.write(encodeAnswer(answer))
  await stream.end()
  stream.stop()
  return answer
}

function connected({ host, port }: Target, { connectTimeout: timeout, lookup }: ServeOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...SOCKET_OPTIONS,
      ...(lookup && { lookup }),
      // Tries the addresses of a name one after another, so one that does not answer takes only a part of the time.
      autoSelectFamilyAttemptTimeout: Math.ceil(timeout / 4),
    })
    const timer = setTimeout(() => socket.destroy(new TimeoutError(timeout)), timeout)
    socket.once('error', reject)
    socket.once('connect', () => {
      clearTimeout(timer)
      // From here on the reader and writer of the socket handle its errors.
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer))
  })
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(timeout: number) {
    super(`no answer within ${timeout / 1_000} s`)
  }
}

/** Socket options of both ends: each direction ends by itself, small pieces go at once, and keep-alive notices a lost end. */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const
