import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { printable } from '@stt/errors'
import { isSttError, type Session } from '@stt/node'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { type Carried, carry, isExposed } from '../forward/carry.ts'
import { Listener } from '../forward/listener.ts'
import { isToldAt } from '../forward/occasionally.ts'
import { ForwardProtocolError } from '../forward/protocol.ts'
import { type Forwarding, formatTarget, parseForwarding, type Target } from '../forward/target.ts'
import { Meeting } from '../meet/meeting.ts'
import { counted } from '../plural.ts'
import { describeSize } from '../progress.ts'

export interface ForwardOptions {
  readonly address: readonly string[]
  readonly relay: readonly string[]
  /** Milliseconds after which the first search for the other machine ends. */
  readonly timeout: number
}

/** Carries TCP connections from ports of this machine to targets that the other one exposes, until a signal. */
export async function forward(
  name: string,
  texts: readonly string[],
  options: ForwardOptions,
  context: Context,
): Promise<void> {
  const forwardings = texts.map(parseForwarding)
  const { signal, output } = context
  const meeting = await Meeting.open(name, 'forward', { relays: options.relay }, context)
  const forwarder = new Forwarder(name, forwardings, context)
  const stop = (): void => void meeting.close()
  signal.addEventListener('abort', stop)
  try {
    await forwarder.run(meeting, options)
  } finally {
    signal.removeEventListener('abort', stop)
    await forwarder.close()
    await meeting.close()
    if (forwarder.isOpen) output.note('nothing is forwarded any more')
  }
}

class Forwarder {
  readonly #name: string
  readonly #forwardings: readonly Forwarding[]
  readonly #context: Context
  readonly #listeners: Listener[] = []
  readonly #counts = { connections: 0, refused: 0, failed: 0, sent: 0, received: 0 }
  /** Clients that came while there was no session. */
  readonly #waiting = new Set<(session: Session) => void>()
  /** Whether the other side exposes each target, in the order of the forwardings; undefined before it was asked. */
  readonly #states: boolean[] = []
  #session: Session | undefined
  #failed!: (error: unknown) => void
  #isOpen = false

  constructor(name: string, forwardings: readonly Forwarding[], context: Context) {
    this.#name = name
    this.#forwardings = forwardings
    this.#context = context
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Never resolves. Rejects after the signal, a refusal of the other side, or a defect. */
  run(meeting: Meeting, options: ForwardOptions): Promise<never> {
    return new Promise((_, reject) => {
      this.#failed = reject
      this.#run(meeting, options).catch(reject)
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map(listener => listener.close()))
    if (!this.#isOpen) return
    const { output } = this.#context
    const { connections, refused, failed, sent, received } = this.#counts
    output.line({ type: 'forwarded', ...this.#counts })
    output.result(
      `${counted(connections, 'connection')}, ${describeSize(sent)} to there and ${describeSize(received)} from there; ${refused} refused, ${failed} that the target did not take`,
    )
  }

  async #run(meeting: Meeting, { address, timeout }: ForwardOptions): Promise<never> {
    const { signal, output } = this.#context
    // This comes first, so that a port that is taken is reported even if the other machine is not there.
    for (const each of this.#forwardings) {
      this.#listeners.push(await Listener.open(each, socket => this.#accept(socket, each.target)))
    }
    const targets = this.#forwardings.map(({ target }) => formatTarget(target))
    const counterpart = `stt expose ${meeting.nameThere} ${targets.join(' ')}`
    for (let patience = timeout; ; patience = Number.POSITIVE_INFINITY) {
      const session = await meeting.dial({ addresses: address, patience, counterpart })
      try {
        await this.#look(session, meeting.nameThere)
        this.#session = session
        for (const go of this.#waiting) go(session)
        this.#waiting.clear()
      } catch (error) {
        // If the session ended during the question, it is dialed again, as after a later end.
        if (!isSttError(error)) throw error
      }
      const { reason } = await session.closed
      this.#session = undefined
      signal.throwIfAborted()
      output.note(`the session with ${this.#name} ended${reason && ` (${printable(reason)})`}, dialing again`)
      // The pause bounds the dials if each session ends at once.
      await delay(REDIAL_AFTER, undefined, { signal })
    }
  }

  /**
   * Asks for each target in a new session, and prints what changed: a target may come and go, as the other side ends and runs again.
   *
   * Rejects with a CliError if none of them was there yet.
   */
  async #look(session: Session, nameThere: string): Promise<void> {
    const states: boolean[] = []
    for (const { target } of this.#forwardings) states.push(await this.#isExposed(session, target))
    const all = this.#forwardings.map(({ target }) => formatTarget(target)).join(' ')
    if (!this.#isOpen && !states.includes(true)) {
      await session.close({ code: ExitCode.ok, reason: 'not exposed' })
      throw new CliError(ExitCode.refused, `${this.#name} does not expose ${all.replaceAll(' ', ', ')}: run there stt expose ${nameThere} ${all}`) // biome-ignore format: one line
    }
    this.#isOpen = true
    for (const [i, isThere] of states.entries()) {
      if (this.#states[i] === isThere) continue
      this.#states[i] = isThere
      if (isThere) this.#tellOpen(this.#listeners[i]!.address, this.#forwardings[i]!)
      else this.#tellMissing(this.#listeners[i]!.address, this.#forwardings[i]!, `stt expose ${nameThere} ${all}`)
    }
  }

  async #isExposed(session: Session, target: Target): Promise<boolean> {
    try {
      return await isExposed(session, target, this.#context.signal)
    } catch (error) {
      const isOver = session.state !== 'active' || this.#context.signal.aborted
      if (!(error instanceof ForwardProtocolError || (isSttError(error) && !isOver))) throw error
      await session.close({ code: ExitCode.failed, reason: 'another version of forwarding' })
      throw new CliError(ExitCode.failed, `${this.#name} speaks another version of forwarding: install the same version of stt on both`, { cause: error }) // biome-ignore format: one line
    }
  }

  #tellOpen(local: string, { bind, target }: Forwarding): void {
    const { output } = this.#context
    const text = formatTarget(target)
    output.line({ type: 'forwarding', local, target: text })
    output.note(`${local} is ${text} of ${this.#name}`)
    if (!isLoopback(bind)) output.note(`every client that reaches ${local} is let through`)
  }

  #tellMissing(local: string, { target }: Forwarding, counterpart: string): void {
    const { output } = this.#context
    const text = formatTarget(target)
    output.line({
      type: 'connection',
      target: text,
      outcome: 'not-exposed',
      sent: 0,
      received: 0,
      reason: `${local} has no target yet`,
    })
    output.problem(`${this.#name} does not expose ${text}, so ${local} refuses its clients until it does: run there ${counterpart}`) // biome-ignore format: one line
  }

  #accept(socket: Socket, target: Target): void {
    this.#carry(socket, target).catch(this.#failed)
  }

  async #carry(socket: Socket, target: Target): Promise<void> {
    const session = this.#session ?? (await this.#nextSession(socket))
    if (!session) return
    this.#count(formatTarget(target), await carry(socket, session, target))
  }

  /** Waits for a session; undefined if the client leaves before. */
  #nextSession(socket: Socket): Promise<Session | undefined> {
    return new Promise(resolve => {
      this.#waiting.add(resolve)
      socket.once('close', () => {
        this.#waiting.delete(resolve)
        resolve(undefined)
      })
    })
  }

  #count(target: string, { outcome, reason, sent, received }: Carried): void {
    const { output } = this.#context
    this.#counts.sent += sent
    this.#counts.received += received
    output.line({ type: 'connection', target, outcome, sent, received, ...(reason !== undefined && { reason }) })
    if (outcome === 'ended' || outcome === 'reset') this.#counts.connections++
    else if (outcome === 'not-exposed') {
      if (isToldAt(++this.#counts.refused)) output.problem(`${this.#name} does not expose ${target}`)
    } else if (isToldAt(++this.#counts.failed)) {
      const why = { refused: 'nothing listens there', unreachable: 'it is not reached from there', broken: reason }
      output.problem(
        `${target} of ${this.#name}: ${why[outcome]} (${counted(this.#counts.failed, 'such failure')} in all)`,
      )
    }
  }
}

/** Milliseconds. */
const REDIAL_AFTER = 500
const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host)
