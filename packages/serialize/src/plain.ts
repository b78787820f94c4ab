import { EncodeRefusal } from './encode-refusal.ts'

/** An array of this or another realm, but no subclass: `Array.prototype` is itself an array, a subclass's is not. */
export function isPlainArray(value: object): value is unknown[] {
  if (!Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Array.prototype || Array.isArray(prototype)
}

/** Whether `prototype` is that of a plain object: none, or the `Object.prototype` of this or another realm. */
export function isPlainPrototype(prototype: object | null): boolean {
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** Whether `Object.prototype` has an enumerable property, which a `for in` would find in every object. */
export function isPrototypeExtended(): boolean {
  for (const _ in empty) return true
  return false
}

export function refuseObject(value: object): EncodeRefusal {
  const name = constructorName(value)
  return new EncodeRefusal(
    'class-instance',
    `an instance of ${name} has no encoding; ${advice.get(name) ?? GENERAL_ADVICE}`,
  )
}

function constructorName(value: object): string {
  const maker: unknown = value.constructor
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'a class'
}

const empty = {}
const GENERAL_ADVICE = 'copy its fields into a plain object'
const advice: ReadonlyMap<string, string> = new Map([
  ['ArrayBuffer', 'wrap it in a Uint8Array'],
  ['DataView', 'wrap its bytes in a Uint8Array'],
  ['Date', 'pass its getTime() or its toISOString()'],
  ['Map', 'pass Object.fromEntries(map), or a list of pairs'],
  ['Set', 'pass Array.from(set)'],
])
