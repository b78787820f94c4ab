import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Session } from '../src/api/session.ts'
import type { Stream } from '../src/api/stream.ts'
import type { SessionHandle } from '../src/session/session-core.ts'
import { SessionPair, settled } from './session-pair.ts'

/*
 * What a call of the application asks of the engine leaves at once, and not with whatever comes next: nothing may come
 * for a long time, and then the other side waits for ever. Nothing but time is behind what the engine still wants to do.
 */

type Side = 'dialed' | 'accepted'
const SIDES: readonly Side[] = ['dialed', 'accepted']

test('no engine has anything left to send after any call of the application', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('message' as const, 'datagram' as const), operations(), async (kind, calls) => {
      const world = new World(kind)
      await settled()
      for (const [name, side, index, size] of calls) {
        world[name](side, index, size)
        await settled()
        world.check()
        await world.pass(size % 3 === 0 ? 0 : 10)
        world.check()
      }
    }),
    { numRuns: Number(process.env['STT_RUNS'] ?? 60), seed: Number(process.env['STT_SEED'] ?? 1) },
  )
})

class World {
  readonly #sessions: SessionPair
  readonly #streams: Record<Side, Stream[]> = { dialed: [], accepted: [] }
  /** Each stream is read in one way: in chunks, or in messages. */
  readonly #readers = new Map<Stream, AsyncIterator<Uint8Array>>()
  readonly #signals: AbortController[] = []

  constructor(kind: 'message' | 'datagram') {
    this.#sessions = new SessionPair(kind)
    for (const side of SIDES) this.#ask(() => this.#accept(side))
  }

  check(): void {
    for (const side of SIDES) {
      const { engine } = this.#handle(side).driver
      expect(engine.poll(this.#sessions.pair.loop.now).type).toBe('timeout')
    }
  }

  pass(milliseconds: number): Promise<void> {
    return this.#sessions.pass(milliseconds)
  }

  openTwoWay(side: Side): void {
    this.#open(side, session => session.openStream(this.#options()))
  }

  openOneWay(side: Side): void {
    this.#open(side, session => session.openSendStream(this.#options()))
  }

  write(side: Side, index: number, size: number): void {
    this.#on(side, index, stream => stream.write(new Uint8Array(size), this.#options()))
  }

  writeMessage(side: Side, index: number, size: number): void {
    this.#on(side, index, stream => stream.writeMessage(new Uint8Array(size), this.#options()))
  }

  end(side: Side, index: number): void {
    this.#on(side, index, stream => stream.end())
  }

  reset(side: Side, index: number, code: number): void {
    this.#on(side, index, async stream => stream.reset(code))
  }

  stop(side: Side, index: number, code: number): void {
    this.#on(side, index, async stream => stream.stop(code))
  }

  read(side: Side, index: number): void {
    this.#on(side, index, async stream => {
      const known = this.#readers.get(stream)
      const reader = known ?? (stream.id % 8 < 4 ? stream : stream.messages())[Symbol.asyncIterator]()
      this.#readers.set(stream, reader)
      await reader.next()
    })
  }

  readExactly(side: Side, index: number, size: number): void {
    this.#on(side, index, stream => stream.readExactly(size % 20_000, this.#options()))
  }

  leave(side: Side, index: number): void {
    this.#on(side, index, async stream => this.#readers.get(stream)?.return?.())
  }

  abort(_side: Side, index: number): void {
    this.#signals.splice(index % 4)[0]?.abort()
  }

  datagram(side: Side, _index: number, size: number): void {
    this.#ask(async () => this.#session(side).sendDatagram(new Uint8Array(size % 1_000)))
  }

  ping(side: Side): void {
    this.#ask(() => this.#session(side).ping())
  }

  rotateKeys(side: Side): void {
    this.#ask(async () => this.#session(side).rotateKeys())
  }

  close(side: Side, index: number, size: number): void {
    if (index === 0) this.#ask(() => this.#session(side).close({ deadline: size }))
  }

  #handle(side: Side): SessionHandle {
    return this.#sessions[side]
  }

  #session(side: Side): Session {
    return this.#handle(side).session
  }

  #options(): { readonly signal: AbortSignal } {
    const controller = new AbortController()
    this.#signals.push(controller)
    return controller
  }

  /** What a call answers is of no interest here, but it answers with an error that has a code. */
  #ask(call: () => Promise<unknown>): void {
    call().catch((error: { code?: string }) => expect(error.code).toMatch(/^STT_/))
  }

  #open(side: Side, open: (session: Session) => Promise<Stream>): void {
    this.#ask(async () => this.#streams[side].push(await open(this.#session(side))))
  }

  #on(side: Side, index: number, call: (stream: Stream) => Promise<unknown>): void {
    const streams = this.#streams[side]
    const stream = streams[index % streams.length]
    if (stream) this.#ask(() => call(stream))
  }

  async #accept(side: Side): Promise<void> {
    for await (const stream of this.#session(side).streams()) this.#streams[side].push(stream)
  }
}

const KINDS = [
  'openTwoWay', 'openOneWay', 'write', 'write', 'writeMessage', 'writeMessage', 'end', 'end', 'reset', 'stop', 'read', 'read', 'read',
  'readExactly', 'leave', 'abort', 'datagram', 'ping', 'rotateKeys', 'close',
] as const // biome-ignore format: a table

const operations = () =>
  fc.array(
    fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom(...SIDES), fc.nat(20), fc.oneof(fc.nat(10), fc.nat(60_000))),
    { minLength: 30, maxLength: 90 },
  )
