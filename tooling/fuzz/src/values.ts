import vm from 'node:vm'
import type { Random } from '@stt/vitest-config/fuzz'

/** The error that function arguments throw: a call may pass it on unchanged. */
export class CallersOwn extends Error {}

/** Makes arguments of every kind, legal and not, from a seeded source of numbers. */
export class Values {
  readonly #random: Random
  /** Results of earlier calls, to be passed to later ones. */
  readonly #seen: readonly object[]

  constructor(random: Random, seen: readonly object[]) {
    this.#random = random
    this.#seen = seen
  }

  pick<T>(from: readonly T[]): T {
    return from[this.#random(from.length)]!
  }

  /** Anything at all. */
  any(depth = 0): unknown {
    const kinds = depth > 1 ? [this.#primitive, this.#bytes] : this.#kinds
    return this.pick(kinds).call(this, depth)
  }

  list(): unknown[] {
    return Array.from({ length: this.#random(5) }, () => this.any())
  }

  /** Legal arguments with one thing changed: an argument, or a field of one, replaced, misspelt or left out. */
  mutate(legal: readonly unknown[]): unknown[] {
    const changed = [...legal]
    if (changed.length === 0) return this.list()
    const at = this.#random(changed.length)
    const argument = changed[at]
    const isOptions = Object.getPrototypeOf(Object(argument)) === Object.prototype
    changed[at] = isOptions && this.#random(4) > 0 ? this.#mutateFields(argument as object) : this.any()
    if (this.#random(10) === 0) changed.length = at
    return changed
  }

  #mutateFields(fields: object): object {
    const changed: Record<string, unknown> = { ...fields }
    const name = this.pick([...Object.keys(changed), ...NAMES])
    const kind = this.#random(5)
    if (kind === 0) delete changed[name]
    else if (kind === 1) changed[`${name}s`] = this.any(1)
    else changed[name] = this.any(1)
    return changed
  }

  readonly #kinds = [this.#primitive, this.#bytes, this.#bytes, this.#object, this.#options, this.#known]

  #primitive(): unknown {
    return this.pick(PRIMITIVES)
  }

  #bytes(): unknown {
    const bytes = Uint8Array.from({ length: this.pick(LENGTHS) }, () => this.#random(256))
    const { buffer } = bytes
    switch (this.#random(9)) {
      case 0:
        return buffer
      case 1:
        return new DataView(buffer)
      case 2:
        return new Uint16Array(this.pick(LENGTHS))
      case 3:
        return vm.runInNewContext(`new Uint8Array(${bytes.length})`)
      case 4:
        structuredClone(buffer, { transfer: [buffer] })
        return bytes
      case 5:
        return Buffer.from(bytes)
      case 6:
        return Array.from(bytes)
      default:
        return bytes
    }
  }

  #object(depth: number): unknown {
    switch (this.#random(13)) {
      case 0:
        return []
      case 1:
        return [this.any(depth + 1), this.any(depth + 1)]
      case 2:
        return new Map([['key', this.any(depth + 1)]])
      case 3:
        return new Date(0)
      case 4:
        return new Blob(['blob'])
      case 5:
        return new URL('ws://127.0.0.1:1')
      case 6:
        return new Proxy({}, {})
      case 7:
        return new Error('an error')
      case 8:
        return () => this.any(1)
      case 9:
        return () => {
          throw new CallersOwn('the caller’s own')
        }
      case 10:
        return Promise.resolve(this.any(1))
      case 11:
        return this.pick([AbortSignal.abort(), new AbortController(), new AbortController().signal])
      default:
        return (async function* (chunk) {
          yield chunk
        })(this.any(1))
    }
  }

  #options(depth: number): unknown {
    const names = Array.from({ length: this.#random(4) }, () => this.pick(NAMES))
    return Object.fromEntries(names.map(name => [name, this.any(depth + 1)]))
  }

  #known(): unknown {
    return this.#seen.length > 0 ? this.pick(this.#seen) : undefined
  }
}

const PRIMITIVES: readonly unknown[] = [
  ...[undefined, undefined, null, true, false],
  ...[
    0,
    -0,
    1,
    2,
    7,
    32,
    64,
    255,
    256,
    65_536,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    2 ** 53,
    -(2 ** 53),
  ],
  ...[0n, 1n, -1n, 2n ** 63n, 2n ** 64n],
  ...['', 'a', 'text', 'abcdefghijklmnopqrstuvwxyz012345', 'ff'.repeat(32), '\ud800', 'x'.repeat(300), '\0', '../x'],
  ...[
    'ws://127.0.0.1:1',
    'udp://127.0.0.1:1',
    'udp://127.0.0.1',
    'http://127.0.0.1',
    'ws://',
    'ws://user:p@127.0.0.1:1',
  ],
  ...['initiator', 'server', 'any', 'message', Symbol('s'), Symbol.iterator],
]
const LENGTHS = [0, 1, 2, 8, 12, 16, 24, 31, 32, 33, 56, 64, 100, 1_200]
/** Names of options, so that some objects have them by chance. */
const NAMES = [
  ...[
    'key',
    'context',
    'header',
    'entropy',
    'seed',
    'seeds',
    'identity',
    'peers',
    'listen',
    'limits',
    'signal',
    'peer',
  ],
  ...[
    'metadata',
    'code',
    'reason',
    'deadline',
    'priority',
    'maxBytes',
    'path',
    'id',
    'store',
    'memory',
    'depth',
    'bytes',
  ],
  ...['typed', 'port', 'host', 'headers', 'ca', 'provider', 'keepAlive', 'streams', 'allow', 'max', 'address', 'role'],
]
