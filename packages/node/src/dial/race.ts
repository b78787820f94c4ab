import { abortError, isSttError, onAbort, SttError, type SttErrorCode } from '@stt/errors'
import { deferred } from '../queues/deferred.ts'
import type { Clock } from '../time/clock.ts'

/** One of the ways that a dial tries. */
export interface Attempt<T> {
  /** The address, for people. */
  readonly label: string
  /** How good a way it is, the lowest the best. */
  readonly rank: number
  run(turn: Turn<T>): Promise<T>
}

/** The view that one attempt of a dial has of the others. */
export interface Turn<T = unknown> {
  /** Aborted when the dial is over or given up. */
  readonly signal: AbortSignal
  /** The result of another attempt that has won. */
  readonly winner: T | undefined
  /**
   * Whether what comes here has to wait for `onFree`: a peer has answered another attempt, or a better one may be answered
   * any moment.
   *
   * @param roundTrip milliseconds that it took to be answered here
   */
  isHeld(roundTrip: number): boolean
  /** Called when nothing has to wait any more. */
  onFree: () => void
  /** A peer has answered here, and learns who dials. */
  answered(): void
  /** Asks to be the one attempt that makes a session; false when another one is. */
  claim(): boolean
}

/** Memory of a node from one dial to the next. */
export interface RaceMemory {
  /** The best ways were not answered while a worse one was, the last time: no dial waits for them alone. */
  bestAreSilent: boolean
}

/**
 * Runs the attempts of one dial so that none uses up another's time (as RFC 8305 does): each begins when the one before
 * has failed, or has had 250 ms and no peer has answered. The first session wins and the others are aborted.
 *
 * A peer that answers learns who dials and may make a session of its own. Therefore only one attempt is carried on from
 * there, until it has failed or six seconds have passed; what comes to the others waits.
 */
export class Race<T> {
  readonly #clock: Clock
  readonly #what: string
  readonly #discard: (value: T) => void
  readonly #waiting: Attempt<T>[] = []
  readonly #memory: RaceMemory
  readonly #running = new Set<RunningTurn<T>>()
  readonly #failures: Failure[] = []
  readonly #stop = new AbortController()
  readonly #done = deferred<T>()
  #timer: unknown
  #floorTimer: unknown
  #floor: RunningTurn<T> | undefined
  #claimed: RunningTurn<T> | undefined
  #winner: T | undefined
  #over = false

  /**
   * @param what the dial, for people: "connect to ws://…"
   * @param discard gets what an attempt still gave when the dial was over
   */
  constructor(clock: Clock, what: string, memory: RaceMemory, discard: (value: T) => void) {
    this.#clock = clock
    this.#what = what
    this.#memory = memory
    this.#discard = discard
  }

  /** Ends the dial: nothing is waited for. */
  abort(reason: unknown): void {
    if (this.#over) return
    this.#settle(() => this.#done.reject(reason))
  }

  /** Begins. Rejects with the one failure, or with one error that names all of them. */
  run(attempts: readonly Attempt<T>[], signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(abortError(signal, this.#what))
    const leave = signal && onAbort(signal, () => this.#onAbort(signal))
    this.#waiting.push(...attempts)
    this.#next()
    return leave ? this.#done.promise.finally(leave) : this.#done.promise
  }

  /** One more way, found while another was tried: it comes last. */
  add(attempt: Attempt<T>): void {
    this.#waiting.push(attempt)
    if (this.#timer === undefined) this.#arm()
  }

  /** After a timeout the attempts report their errors; after an abort they need not. */
  #onAbort(signal: AbortSignal): void {
    const error = abortError(signal, this.#what)
    if (error.code === 'STT_ABORTED') return this.abort(error)
    this.#disarm()
    this.#stop.abort(signal.reason)
  }

  #next(): void {
    this.#disarm()
    if (this.#over || this.#stop.signal.aborted) return this.#endIfLost()
    const attempt = this.#waiting.shift()
    if (!attempt) return this.#endIfLost()
    const begun = this.#clock.now()
    const turn = new RunningTurn<T>(this.#stop.signal, attempt.rank, begun, this.#turns)
    this.#running.add(turn)
    attempt.run(turn).then(
      value => this.#onWon(turn, value),
      (error: unknown) => this.#onFailed(turn, { label: attempt.label, error, time: this.#clock.now() - begun }),
    )
    this.#arm(attempt.rank)
  }

  readonly #turns: TurnHost<T> = {
    winner: () => this.#winner,
    isHeld: (turn, roundTrip) => this.#isHeld(turn, roundTrip),
    answered: turn => this.#onAnswered(turn),
    claim: turn => this.#claim(turn),
  }

  /** @param rank of the attempt that has just begun */
  #arm(rank = 0): void {
    const [next] = this.#waiting
    if (this.#over || !next || this.#stop.signal.aborted) return
    const delay = this.#memory.bestAreSilent && next.rank > rank ? 0 : HEAD_START
    this.#timer = this.#clock.setTimer(() => {
      // Where a peer has answered there is nothing to hurry for.
      if (this.#floor) this.#arm()
      else this.#next()
    }, delay)
  }

  #disarm(): void {
    this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #isHeld(turn: RunningTurn<T>, roundTrip: number): boolean {
    if (this.#floor) return this.#floor !== turn
    if (turn.patience === undefined) {
      const patience = this.#runsBetter(turn) ? Math.min(roundTrip, LONGEST_PATIENCE) : 0
      turn.patience = patience > 0 ? this.#clock.setTimer(() => this.#onPatienceOver(turn), patience) : OVER
    }
    return turn.patience !== OVER
  }

  #onPatienceOver(turn: RunningTurn<T>): void {
    turn.patience = OVER
    if (!this.#floor && !this.#over) turn.onFree()
  }

  #endPatience({ patience }: RunningTurn<T>): void {
    if (patience !== OVER) this.#clock.clearTimer(patience)
  }

  #runsBetter({ rank }: RunningTurn<T>): boolean {
    for (const other of this.#running) if (other.rank < rank) return true
    return false
  }

  #onAnswered(turn: RunningTurn<T>): void {
    if (this.#floor || this.#over) return
    this.#floor = turn
    this.#floorTimer = this.#clock.setTimer(() => this.#free(), FLOOR)
  }

  #claim(turn: RunningTurn<T>): boolean {
    if (this.#over || (this.#claimed && this.#claimed !== turn)) return false
    this.#claimed = turn
    this.#floor = turn
    this.#clock.clearTimer(this.#floorTimer)
    return true
  }

  #free(): void {
    this.#floor = undefined
    for (const turn of [...this.#running]) if (!this.#floor) turn.onFree()
  }

  #onWon(turn: RunningTurn<T>, value: T): void {
    this.#running.delete(turn)
    if (this.#over) return this.#discard(value)
    this.#endPatience(turn)
    this.#remember(turn)
    this.#winner = value
    this.#settle(() => this.#done.resolve(value))
  }

  #remember(winner: RunningTurn<T>): void {
    const since = this.#clock.now() - HEAD_START
    if (winner.rank === 0) this.#memory.bestAreSilent = false
    for (const { rank, begun } of this.#running) {
      if (rank < winner.rank && begun <= since) this.#memory.bestAreSilent = true
    }
  }

  #onFailed(turn: RunningTurn<T>, failure: Failure): void {
    this.#running.delete(turn)
    if (this.#over) return
    this.#failures.push(failure)
    if (!isSttError(failure.error) || OURS.has(failure.error.code)) return this.abort(failure.error)
    if (this.#claimed === turn) this.#claimed = undefined
    if (this.#floor === turn) {
      this.#clock.clearTimer(this.#floorTimer)
      this.#free()
    }
    this.#next()
  }

  #endIfLost(): void {
    if (!this.#over && this.#running.size === 0) this.abort(this.#failure())
  }

  #settle(settle: () => void): void {
    this.#over = true
    this.#disarm()
    this.#clock.clearTimer(this.#floorTimer)
    for (const turn of this.#running) this.#endPatience(turn)
    settle()
    if (this.#running.size > 0) this.#stop.abort(new SttError('STT_ABORTED', `${this.#what} is over`))
  }

  #failure(): unknown {
    const untried = this.#waiting.map(({ label }) => label)
    const [first, ...others] = this.#failures
    if (first && others.length === 0 && untried.length === 0) return first.error
    const errors = this.#failures.map(({ error }) => error as SttError)
    const code = TELLING.find(each => errors.some(error => error.code === each)) ?? errors[0]?.code ?? 'STT_TIMEOUT'
    const lines = this.#failures.map(({ label, error, time }) => {
      const { code: kind, message } = error as SttError
      return `${label}: ${kind} after ${Math.round(time)} ms, ${message}`
    })
    if (untried.length > 0) lines.push(`not tried: ${untried.join(', ')}`)
    const cause = new AggregateError(errors, 'every attempt failed')
    return new SttError(code, `no address led to a session. ${lines.join('; ')}`, { cause, details: { attempts: errors.length } }) // biome-ignore format: one line
  }
}

interface Failure {
  readonly label: string
  readonly error: unknown
  /** Milliseconds. */
  readonly time: number
}

interface TurnHost<T> {
  winner(): T | undefined
  isHeld(turn: RunningTurn<T>, roundTrip: number): boolean
  answered(turn: RunningTurn<T>): void
  claim(turn: RunningTurn<T>): boolean
}

class RunningTurn<T> implements Turn<T> {
  readonly signal: AbortSignal
  readonly rank: number
  readonly begun: number
  /** The timer of what came here and waits for a better way to be answered, or that it has waited. */
  patience: unknown
  onFree: () => void = () => {}
  readonly #host: TurnHost<T>

  constructor(signal: AbortSignal, rank: number, begun: number, host: TurnHost<T>) {
    this.signal = signal
    this.rank = rank
    this.begun = begun
    this.#host = host
  }

  get winner(): T | undefined {
    return this.#host.winner()
  }

  isHeld(roundTrip: number): boolean {
    return this.#host.isHeld(this, roundTrip)
  }

  answered(): void {
    this.#host.answered(this)
  }

  claim(): boolean {
    return this.#host.claim(this)
  }
}

/** Milliseconds that an attempt is alone (the Connection Attempt Delay of RFC 8305 §5). */
const HEAD_START = 250
/** Milliseconds that a peer which has answered may take to finish before other attempts go on beside it. */
const FLOOR = 6_000
const OVER = 'over'
/** Milliseconds that an answer waits at most for one on a better way. */
const LONGEST_PATIENCE = 100
/** Errors that no other address can avoid. */
const OURS: ReadonlySet<SttErrorCode> = new Set(['STT_CLOSED', 'STT_LIMIT', 'STT_INVALID_ARGUMENT', 'STT_TRUST_STORE'])
/** Of several failures the code of the one that came furthest. */
const TELLING: readonly SttErrorCode[] = [
  'STT_PEER_REFUSED',
  'STT_BUSY',
  'STT_HANDSHAKE_FAILED',
  'STT_TIMEOUT',
  'STT_WEBSOCKET_UPGRADE',
  'STT_LINK_FAILED',
  'STT_CONNECT_FAILED',
]
