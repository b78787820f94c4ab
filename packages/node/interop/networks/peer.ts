import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '@stt/testing'
import { expect } from 'vitest'
import type { Commands, PeerEvent } from './commands.ts'

type Answer =
  | { readonly id: number; readonly give: object }
  | { readonly id: number; readonly code: string; readonly message: string }

interface Call {
  readonly resolve: (give: never) => void
  readonly reject: (error: Error) => void
}

/** A peer process at a host, from the side of the test. */
export class Peer {
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #name: string
  readonly #events: PeerEvent[] = []
  readonly #calls = new Map<number, Call>()
  #waiting: (() => void)[] = []
  #nextCall = 1
  #errors = ''

  /** @param flags of Node */
  constructor(host: Host, program: string, seed: string, flags: readonly string[]) {
    const [ip, ...words] = host.prefix
    this.#name = host.namespace
    this.#child = spawn(ip!, [...words, process.execPath, '--enable-source-maps', ...flags, program], {
      env: { ...process.env, STT_TEST_SEED: seed, NODE_DEBUG: 'stt' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.exited = once(this.#child, 'exit').then(() => this.#onExit())
    createInterface({ input: this.#child.stdout! }).on('line', line => this.#onLine(JSON.parse(line)))
    this.#child.stderr!.setEncoding('utf8').on('data', text => (this.#errors += text))
    // Written to when it has just ended: the call fails with its end.
    this.#child.stdin!.on('error', () => {})
  }

  /** @throws what the command failed with, its code first; or that the process has ended */
  do<Name extends keyof Commands>(command: Name, take: Commands[Name]['take']): Promise<Commands[Name]['give']> {
    const id = this.#nextCall++
    this.#child.stdin!.write(`${JSON.stringify({ id, command, take })}\n`)
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) reject(this.#ended())
      else this.#calls.set(id, { resolve, reject })
    })
  }

  /** The first event that `find` finds among those that were and those that come. */
  async event<Found>(find: (event: PeerEvent) => Found | undefined): Promise<Found> {
    for (;;) {
      for (const event of this.#events) {
        const found = find(event)
        if (found !== undefined) return found
      }
      if (this.#hasEnded) throw this.#ended()
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  get events(): readonly PeerEvent[] {
    return this.#events
  }

  /** The process stands still, as on a computer that sleeps. */
  sleep(): void {
    this.#child.kill('SIGSTOP')
  }

  wake(): void {
    this.#child.kill('SIGCONT')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Closes the node, and expects that this ends the process, which had nothing to complain of. */
  async close(): Promise<void> {
    await this.do('close', {})
    const timer = new AbortController()
    const late = delay(LATE, `still running ${LATE} ms after its node was closed`, { signal: timer.signal })
    late.catch(() => {})
    const end = await Promise.race([this.exited.then(() => this.#child.exitCode), late])
    timer.abort()
    const complaints = this.#errors.split('\n').filter(line => line !== '' && !/^STT \d+: /.test(line))
    expect({ end, complaints }).toEqual({ end: 0, complaints: [] })
  }

  /** All that it said, to be read when a test has failed. */
  get log(): string {
    const events = this.#events.map(event => JSON.stringify(event))
    return `=== ${this.#name}\n${events.join('\n')}\n${this.#errors}`
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #ended(): Error {
    const { exitCode, signalCode } = this.#child
    return new Error(`the process at ${this.#name} has ended (${signalCode ?? exitCode}): ${this.#errors.slice(-500)}`)
  }

  #onLine(line: PeerEvent | Answer): void {
    if ('event' in line) {
      this.#events.push(line)
      return this.#wakeWaiting()
    }
    const call = this.#calls.get(line.id)!
    this.#calls.delete(line.id)
    if ('give' in line) call.resolve(line.give as never)
    else call.reject(new Error(`${line.code}: ${line.message}`))
  }

  #onExit(): void {
    for (const { reject } of this.#calls.values()) reject(this.#ended())
    this.#calls.clear()
    this.#wakeWaiting()
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Milliseconds: nothing of a closed node may hold the process open. */
const LATE = 15_000
