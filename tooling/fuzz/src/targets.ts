import { isExcluded } from './exclusions.ts'
import { legal } from './legal.ts'

/** Something that a program could call, and what calling it legally looks like, where that is known. */
export interface Target {
  /** `@stt/crypto sealChunks`. */
  readonly name: string
  readonly call: (args: unknown[]) => unknown
  readonly legal?: (() => readonly unknown[]) | undefined
}

type Callable = (...args: unknown[]) => unknown

/** Everything that can be called of a package: functions, classes, their static methods, and those of exported objects. */
export function targetsOf(name: string, module: Readonly<Record<string, unknown>>): Target[] {
  return Object.entries(module)
    .flatMap(([key, value]) => {
      const path = `${name} ${key}`
      if (typeof value === 'function') return isClass(value) ? ofClass(path, value) : [target(path, value as Callable)]
      return typeof value === 'object' && value !== null ? methodsOf(path, value) : []
    })
    .filter(({ name: each }) => !isExcluded(each))
}

/**
 * The methods of an object, and its getters, those of its classes included, but not what the platform's classes give it:
 * who takes all listeners from a stream of Node has to hear its errors.
 */
export function methodsOf(path: string, object: object): Target[] {
  const found: Target[] = []
  const seen = new Set<string>(['constructor', ...PROTECTED])
  for (let level: object | null = object; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    if (isPlatformClass(level)) break
    for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (seen.has(name)) continue
      seen.add(name)
      const label = `${path}.${name}`
      if (isExcluded(label)) continue
      if (typeof value === 'function')
        found.push({ name: label, call: args => (value as Callable).apply(object, args), legal: legal[label] })
      else if (get) found.push({ name: label, call: () => get.call(object) })
    }
  }
  return found
}

function ofClass(path: string, made: object): Target[] {
  const statics = Object.entries(Object.getOwnPropertyDescriptors(made))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'prototype')
    .map(([name, { value }]) => target(`${path}.${name}`, (value as Callable).bind(made)))
  const construct: Target = {
    name: path,
    call: args => Reflect.construct(made as new () => object, args),
    legal: legal[path],
  }
  return [construct, ...statics]
}

/** Members that only types hide from callers: `key` of the classes of derived keys. */
const PROTECTED = ['key']

const target = (name: string, call: Callable): Target => ({ name, call: args => call(...args), legal: legal[name] })

function isPlatformClass(level: object): boolean {
  const { value: maker } = Object.getOwnPropertyDescriptor(level, 'constructor') ?? {}
  return typeof maker === 'function' && !isClass(maker)
}

const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value))
