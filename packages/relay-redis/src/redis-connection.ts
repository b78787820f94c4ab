import { performance } from 'node:perf_hooks'
import { createClient, RESP_TYPES } from '@redis/client'
import { SttError } from '@stt/errors'
import { Fifo } from '@stt/frame'
import { notAnswering, redisProblem } from './redis-problem.ts'
import type { RedisPlace } from './redis-url.ts'

export type Argument = string | Buffer

export interface RedisConnectionOptions {
  readonly place: RedisPlace
  /** Milliseconds in which an answer has to come. */
  readonly timeout: number
  /** Called with a new connection before others use it. If it rejects, the connection ends. */
  readonly onOpen: (run: RedisConnection['run']) => Promise<void>
  /** Called at each change: with undefined if the connection works, else with the reason. */
  readonly onState: (problem: SttError | undefined) => void
}

/**
 * A connection that comes back. After an error, or an answer that does not come in time, it is opened again; until then it rejects
 * every command at once.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions
  /** The commands that wait for their answers, with when each was sent: Redis answers in order. */
  readonly #waiting = new Fifo<Waiting>()
  #client: Client | undefined
  #isOpen = false
  #problem: SttError
  #retry: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #failures = 0
  /** Resolves once the first attempt has worked or failed. */
  readonly tried: Promise<void>
  #onTried: () => void = () => {}

  constructor(options: RedisConnectionOptions) {
    this.#options = options
    this.#problem = redisProblem(options.place.name, new Error())
    this.tried = new Promise(resolve => {
      this.#onTried = resolve
    })
    void this.#open()
  }

  /** Why the connection does not work; undefined while it does. */
  get problem(): SttError | undefined {
    return this.#isOpen ? undefined : this.#problem
  }

  /** Sends a command and resolves with its answer, whose strings are buffers. Rejects with `STT_RELAY_STORE`. */
  readonly run = async (args: readonly Argument[]): Promise<unknown> => {
    const client = this.#client
    if (!client?.isReady) throw this.#problem
    if (this.#waiting.length >= MOST_WAITING) throw busy(this.#options.place.name)
    return this.#sent(client.sendCommand([...args], { typeMapping: BUFFERS }))
  }

  /** Subscribes to a channel for as long as this connection lasts; `onOpen` has to subscribe again. */
  readonly subscribe = async (channel: string, listener: (message: Buffer) => void): Promise<void> => {
    const client = this.#client
    if (!client?.isReady) throw this.#problem
    await this.#sent(client.subscribe(channel, listener, true))
  }

  readonly unsubscribe = async (channel: string): Promise<void> => {
    const client = this.#client
    if (client?.isReady) await this.#sent(client.unsubscribe(channel))
  }

  close(): void {
    this.#drop(new SttError('STT_CLOSED', 'the store was closed'))
  }

  async #sent<T>(answer: Promise<T>): Promise<T> {
    // The client never answers the commands of a connection that was given up.
    let giveUp: Waiting['giveUp'] = () => {}
    const lost = new Promise<never>((_, reject) => {
      giveUp = reject
    })
    const waiting: Waiting = { since: performance.now(), isDone: false, giveUp }
    this.#waiting.push(waiting)
    this.#watch ??= setInterval(() => this.#check(), WATCH_INTERVAL).unref()
    try {
      return await Promise.race([answer, lost])
    } catch (cause) {
      // The reason for which the connection ended says more than the error of one command.
      throw isConnectionLost(cause) ? this.#problem : redisProblem(this.#options.place.name, cause)
    } finally {
      waiting.isDone = true
      while (this.#waiting.peek()?.isDone) this.#waiting.shift()
    }
  }

  async #open(): Promise<void> {
    const { place, timeout, onOpen, onState } = this.#options
    const client = makeClient(place, timeout)
    this.#client = client
    client.on('error', (cause: unknown) => this.#lost(client, redisProblem(place.name, cause)))
    client.on('end', () => this.#lost(client, redisProblem(place.name, new Error())))
    // The client's greeting takes a few answers, for which it waits without a limit of its own.
    const late = setTimeout(() => this.#lost(client, notAnswering(place.name, 3 * timeout)), 3 * timeout).unref()
    try {
      await client.connect()
      if (this.#client !== client) return client.destroy()
      await onOpen(this.run)
      if (this.#client !== client) return
      this.#isOpen = true
      this.#failures = 0
      onState(undefined)
    } catch (cause) {
      this.#lost(client, redisProblem(place.name, cause))
    } finally {
      clearTimeout(late)
      this.#onTried()
    }
  }

  #check(): void {
    const oldest = this.#waiting.peek()
    const { place, timeout } = this.#options
    if (oldest && performance.now() - oldest.since > timeout && this.#client) {
      this.#lost(this.#client, notAnswering(place.name, timeout))
    }
  }

  #lost(client: Client, problem: SttError): void {
    if (this.#client !== client) return
    this.#drop(problem)
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures++)
    this.#retry = setTimeout(() => void this.#open(), pause * (0.75 + Math.random() / 2)).unref()
    this.#options.onState(problem)
  }

  #drop(problem: SttError): void {
    const client = this.#client
    this.#client = undefined
    this.#isOpen = false
    this.#problem = problem
    clearTimeout(this.#retry)
    clearInterval(this.#watch)
    this.#watch = undefined
    client?.destroy()
    for (let each = this.#waiting.shift(); each; each = this.#waiting.shift()) each.giveUp(problem)
  }
}

type Client = ReturnType<typeof makeClient>

function makeClient({ host, port, isSecure, database, username, password }: RedisPlace, timeout: number) {
  return createClient({
    socket: { host, port, connectTimeout: timeout, reconnectStrategy: false, ...(isSecure ? { tls: true } : {}) },
    database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    RESP: 3,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  })
}

interface Waiting {
  readonly since: number
  isDone: boolean
  readonly giveUp: (problem: SttError) => void
}

const isConnectionLost = (cause: unknown): boolean =>
  cause instanceof Error && /^(DisconnectsClient|SocketClosedUnexpectedly|ClientClosed|ClientOffline)Error$/.test(cause.constructor.name) // biome-ignore format: one line

const busy = (name: string): SttError =>
  new SttError('STT_RELAY_STORE', `the Redis at ${name} has ${MOST_WAITING} commands of this relay to answer: see how busy it is`, { details: { redis: name, reason: 'busy' } }) // biome-ignore format: one line

const BUFFERS = { [RESP_TYPES.BLOB_STRING]: Buffer }

/** The most commands that wait for an answer, each of 2 KiB at most. */
const MOST_WAITING = 10_000
/** Milliseconds. */
const WATCH_INTERVAL = 250
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1_000
