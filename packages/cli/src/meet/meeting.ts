import { networkInterfaces } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Identity, isSttError, Seed, type Session, type SessionPath, STTNode, toHex } from '@stt/node'
import { metadataOf, serves, type Verb, verbOf } from '@stt/transfer'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { PairingKeys } from '../home/key-file.ts'
import type { PairingState } from '../home/pairing.ts'
import { finderOf } from './find.ts'
import { type LocalNetwork, localNetwork } from './local-network.ts'
import { nameThere } from './name-there.ts'
import { describeKind, pathKind } from './path-kind.ts'
import { unreachable } from './unreachable.ts'

export interface MeetingOptions {
  /** Addresses to listen at; undefined if this side only dials. */
  readonly listen?: readonly string[] | undefined
  /** Relays beside those of the pairing. */
  readonly relays?: readonly string[]
  /** Streams that the other side may have open at once. Default: the node's. */
  readonly streams?: number
  /** Secrets of the pairing, if they were read already; they are wiped. */
  readonly keys?: PairingKeys
}

export interface DialOptions {
  /** Addresses given with the command, in place of the stored ones. */
  readonly addresses: readonly string[]
  /** Milliseconds after which dialing ends. */
  readonly patience: number
  /** The command that has to run on the other side, for error messages. */
  readonly counterpart: string
}

/** Places where the other machine may be found without an address. */
interface Places {
  readonly relays: readonly string[]
  readonly lan: LocalNetwork
}

/** This machine's end of a pairing while a command runs: a node that lets in only the other machine. */
export class Meeting {
  readonly #node: STTNode
  readonly #context: Context
  readonly #verb: Verb
  readonly #places: Places
  #state: PairingState

  private constructor(node: STTNode, state: PairingState, verb: Verb, places: Places, context: Context) {
    this.#node = node
    this.#state = state
    this.#verb = verb
    this.#places = places
    this.#context = context
  }

  static async open(name: string, verb: Verb, options: MeetingOptions, context: Context): Promise<Meeting> {
    const { home, environment } = context
    const state = await home.state(name)
    const keys = options.keys ?? (await home.keys(state))
    const relays = [...new Set([...(options.relays ?? []), ...state.relays])]
    const lan = await localNetwork(environment['STT_LAN'])
    let { peer } = state
    const canBeDialed = options.listen !== undefined
    const node = await STTNode.create({
      seed: Seed.fromBytes(keys.seed),
      identity: Identity.fromPrivateKey(keys.identity),
      // With an empty list the node does not listen at relays either.
      listen: options.listen ?? [],
      relays,
      plainRelays: true,
      discovery: { lan: lan.wish },
      metadata: { ...metadataOf(verb), name },
      ...(canBeDialed && {
        authorize: ({ id }: { readonly id: Uint8Array }) => {
          // A pairing is for two machines: the first one that comes is the other one.
          peer ??= toHex(id)
          return peer === toHex(id)
        },
      }),
      limits: { ...LIMITS, ...(options.streams !== undefined && { streams: options.streams }) },
    })
    keys.seed.fill(0)
    keys.identity.fill(0)
    return new Meeting(node, state, verb, { relays, lan }, context)
  }

  get name(): string {
    return this.#state.name
  }

  /** The other machine's name for the pairing, if it is known, else this one's: for commands to run there. */
  get nameThere(): string {
    return this.#state.there ?? this.name
  }

  /** Addresses by which the other machine can dial this one. */
  get addresses(): readonly string[] {
    return this.#node.addresses.filter(address => !address.startsWith('relay:')).flatMap(reachable)
  }

  /** Prints where this side waits, and the command to run on the other one. */
  announce(command: string): void {
    const { output } = this.#context
    const { addresses, name } = this
    output.line({ type: 'listening', name, addresses })
    for (const { url, problem } of this.#node.relays) if (problem !== undefined) output.problem(`${url}: ${problem}`)
    const { lan } = this.#places
    if (lan.wish !== false) for (const problem of lan.problems) output.note(`the local network: ${problem}`)
    const direct = addresses.map(address => ` --address ${address}`).join('')
    const isFound = lan.wish !== false || this.#places.relays.length > 0
    output.note(`waiting for ${name}; run there: ${command}${isFound ? '' : direct}`)
    if (isFound && direct !== '') output.note(`if that does not find this machine: ${command}${direct}`)
  }

  /** Dials until the other side answers or refuses, or the time is over. */
  async dial({ addresses, patience, counterpart }: DialOptions): Promise<Session> {
    const { signal, output } = this.#context
    const { lan, relays } = this.#places
    const find = finderOf(this.#state, { addresses, relays, hasLan: lan.wish !== false })
    const failed = (cause: unknown): CliError => {
      const known = addresses.length > 0 ? addresses : this.#state.addresses
      return unreachable({ name: this.name, counterpart, addresses: known, relays, lan, patience }, cause)
    }
    const until = performance.now() + patience
    const explain = once(() => output.note(`${this.name} is not there yet: run there ${counterpart}`))
    // A search goes on without an error until it finds the machine.
    const timer = setTimeout(explain, EXPLAIN_AFTER)
    let failure: unknown
    try {
      for (let wait = 250; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        const left = Math.max(0, Math.ceil(until - performance.now()))
        // One attempt may take longer than the time that is left.
        const giveUp = left <= LONGEST_TIMER ? AbortSignal.timeout(left) : undefined
        try {
          const bounds = giveUp ? AbortSignal.any([signal, giveUp]) : signal
          const session = await find(this.#node, {
            signal: bounds,
            metadata: { ...metadataOf(this.#verb), name: this.name },
          })
          if (!serves(verbOf(session), this.#verb)) throw await this.#wrongCounterpart(session, counterpart)
          clearTimeout(timer)
          await this.#met(session, addresses)
          return session
        } catch (error) {
          if (giveUp?.aborted && !signal.aborted) throw failed(failure ?? error)
          if (!isWorthWaiting(error)) throw this.#explained(error)
          failure = error
          if (performance.now() + wait > until) throw failed(error)
          explain()
        }
        await delay(wait * (0.5 + Math.random()), undefined, { signal })
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Yields the sessions that the other machine opens, until this side closes. Sessions of other commands are refused with a message. */
  async *sessions(): AsyncGenerator<Session> {
    for await (const session of this.#node.sessions()) {
      const verb = verbOf(session)
      if (!serves(this.#verb, verb)) {
        const reason = `this side runs stt ${this.#verb}`
        void session.close({ code: ExitCode.refused, reason })
        continue
      }
      await this.#met(session, [])
      if (verb !== 'ping') yield session
    }
  }

  async close(): Promise<void> {
    await this.#node.close()
  }

  async #wrongCounterpart(session: Session, counterpart: string): Promise<CliError> {
    await session.close({ deadline: 0 })
    const runs = verbOf(session) ?? '(something else)'
    return new CliError(ExitCode.refused, `${this.name} runs stt ${runs}: run there ${counterpart}`)
  }

  /** Stores the id of the other machine, and where it was reached. */
  async #met(session: Session, addresses: readonly string[]): Promise<void> {
    // This comes first: a session that began at a relay may be direct before the disk has answered.
    this.#tellPath(session)
    const peer = toHex(session.peer.id)
    const there = nameThere(session)
    const change = (state: PairingState): PairingState => {
      const kept = addresses.length > 0 ? addresses : state.addresses
      const known = there === undefined ? {} : { there }
      return { ...state, ...known, peer: state.peer ?? peer, addresses: kept, lastSeen: Date.now() }
    }
    this.#state = change(this.#state)
    await this.#context.home.update(this.name, change)
  }

  /** Prints the path, and again when its kind changes. */
  #tellPath(session: Session): void {
    const { output } = this.#context
    const peer = toHex(session.peer.id)
    let told: string | undefined
    const tell = (path: SessionPath): void => {
      const kind = pathKind(path)
      output.line({ type: 'path', peer, kind, carrier: path.kind, address: path.remote })
      if (told === kind) return
      output.note(told === undefined ? `${this.name}: ${describeKind(kind)}, ${path.remote}` : `now ${describeKind(kind)}, ${path.remote}`) // biome-ignore format: one line
      told = kind
    }
    if (session.path) tell(session.path)
    session.onPath(({ to }) => tell(to))
  }

  #explained(error: unknown): unknown {
    if (!isSttError(error, 'STT_PEER_REFUSED')) return error
    const help = `if you did not pair a third one, pair both anew: stt forget ${this.name}, stt pair ${this.name}`
    return new CliError(ExitCode.refused, `${this.name} knows another machine under this pairing, and refused this one: ${help}`, { cause: error }) // biome-ignore format: one line
  }
}

function once(call: () => void): () => void {
  let isCalled = false
  return () => {
    if (!isCalled) call()
    isCalled = true
  }
}

/** Replaces a wildcard address by the addresses of this machine. */
function reachable(address: string): string[] {
  if (!/\/\/(0\.0\.0\.0|\[::\])[:/]/.test(address)) return [address]
  const own = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const hosts = own.filter(({ internal, family }) => !internal && family === 'IPv4').map(each => each.address)
  return (hosts.length > 0 ? hosts : ['127.0.0.1']).map(host => address.replace(/0\.0\.0\.0|\[::\]/, host))
}

const isWorthWaiting = (error: unknown): boolean => isSttError(error) && WORTH_WAITING.includes(error.code)

/** Errors after which dialing may succeed later: the other side may be started, or the network come back. */
const WORTH_WAITING = [
  'STT_TIMEOUT',
  'STT_NOT_FOUND',
  'STT_CONNECT_FAILED',
  'STT_LINK_FAILED',
  'STT_BUSY',
  'STT_HANDSHAKE_FAILED',
  'STT_CLOSED',
]
/** Milliseconds. */
const LONGEST_WAIT = 5_000
const EXPLAIN_AFTER = 1_500
const LONGEST_TIMER = 2 ** 31 - 1
/**
 * The most bytes on their way to the receiver's disk, so a transfer that is cut off sends at most these twice.
 */
const LIMITS = { maxStreamWindow: 4 * 1_048_576, sessionsPerPeer: 4 }
