import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import { describe, isSttError } from '@stt/errors'
import type { Random } from '@stt/vitest-config/fuzz'
import { methodsOf, type Target } from './targets.ts'
import { CallersOwn, Values } from './values.ts'

/**
 * Makes random calls and keeps what was wrong with them: an error that is no `SttError`, a promise that nothing settles.
 * Results of calls are passed to later calls, and ended at the end.
 */
export class ApiFuzz {
  /** By what is wrong, the first call that showed it. */
  readonly #problems = new Map<string, string>()
  readonly #values: Values
  readonly #random: Random
  readonly #patience: number
  readonly #made: object[] = []
  readonly #ended = new WeakSet<object>()
  readonly #waiting = new Map<Promise<unknown>, string>()

  /** @param patience milliseconds in which everything that was ended has to be over */
  constructor(random: Random, patience = 3_000) {
    this.#random = random
    this.#patience = patience
    this.#values = new Values(random, this.#made)
  }

  get problems(): readonly string[] {
    return [...this.#problems.values()]
  }

  /** Calls one of the targets. */
  step(targets: readonly Target[]): void {
    const { name, call, legal } = this.#values.pick(targets)
    const isMutated = legal !== undefined && this.#random(4) > 0
    const args = isMutated ? this.#values.mutate(legal()) : this.#values.list()
    this.attempt(`${name}(${args.map(shown).join(', ')})`, () => call(args))
  }

  /** Calls a method of something that a call gave, if there is any. @param prefix the package that is fuzzed */
  stepOnMade(prefix: string): void {
    if (this.#made.length === 0) return
    const made = this.#values.pick(this.#made)
    const targets = methodsOf(`${prefix} ${made.constructor.name}`, made)
    if (targets.length > 0) this.step(targets)
  }

  /** Makes one call, however it ends. */
  attempt(label: string, call: () => unknown): void {
    try {
      this.#take(label, call())
    } catch (error) {
      this.#judge(label, error)
    }
  }

  /** Ends everything that was made. @returns when all that waited was answered, or it is clear that it never will be */
  async finish(): Promise<void> {
    for (const each of this.#made.splice(0)) this.#end(each)
    for (let turn = 0; turn < this.#patience && this.#waiting.size > 0; turn++)
      await new Promise(resolve => setTimeout(resolve, 1))
    for (const label of this.#waiting.values()) this.#report(label, 'nobody ever answers')
  }

  #end(made: object): void {
    // An ending call may return its own object, as a stream of Node does.
    if (this.#ended.has(made)) return
    this.#ended.add(made)
    for (const name of ENDINGS) {
      const end = (made as Record<string, unknown>)[name]
      if (typeof end === 'function') this.attempt(`${name}() of ${describe(made)}`, () => end.call(made))
    }
  }

  #take(label: string, result: unknown): void {
    if (typeof result !== 'object' || result === null) return
    if (result instanceof Promise) {
      this.#waiting.set(result, label)
      result
        .then(
          value => this.#take(label, value),
          (error: unknown) => this.#judge(label, error),
        )
        .finally(() => this.#waiting.delete(result))
      return
    }
    const { next, [Symbol.asyncIterator]: iterator } = result as Record<PropertyKey, unknown>
    if (typeof next === 'function' && typeof iterator === 'function') {
      this.attempt(`${label}.next()`, () => next.call(result))
      return
    }
    if (!isOurs(result)) return
    // An unhandled error of a Node stream ends the program.
    if (result instanceof EventEmitter) result.on('error', error => this.#judge(label, error))
    if (this.#made.length < MOST) this.#made.push(result)
    else this.#end(result)
  }

  #judge(label: string, error: unknown): void {
    if (isSttError(error) || isOwn(error)) return
    this.#report(label, inspect(error).split('\n').slice(0, 4).join(' '))
  }

  #report(label: string, what: string): void {
    const key = `${label.split('(')[0]}: ${what}`
    if (!this.#problems.has(key)) this.#problems.set(key, `${label}: ${what}`)
  }
}

/** Whether an error was thrown by a function that the fuzz passed, or given as its reason to abort. */
function isOwn(error: unknown): boolean {
  return error instanceof CallersOwn || (error instanceof Error && error.cause instanceof CallersOwn)
}

/** Whether it is an object of an STT class, or one that has to be closed; the platform's own objects are of no interest. */
function isOurs(value: object): boolean {
  const { constructor: maker, close } = value as { constructor: unknown; close?: unknown }
  if (maker === Object && typeof close === 'function') return true
  if (typeof maker !== 'function' || maker === Object || !/^class\b/.test(Function.prototype.toString.call(maker)))
    return false
  return (globalThis as Record<string, unknown>)[maker.name] !== maker && !(value instanceof Error)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  if (ArrayBuffer.isView(value)) return `${describe(value)} of ${value.byteLength}`
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return `{ ${Object.entries(value)
      .map(([name, field]) => `${name}: ${describe(field)}`)
      .join(', ')} }`
  }
  return describe(value)
}

const ENDINGS = ['close', 'dispose', 'end']
const MOST = 40
