import { toHex } from '@stt/crypto'
import { printable } from '@stt/errors'

/**
 * Makes `console.log(object)` show what `show` says, in Node, Deno and Bun. A page's console does not ask.
 *
 * @param object or the prototype of many
 */
export function showAs<T extends object>(object: T, show: (object: T) => string): T {
  return Object.defineProperty(object, INSPECT, {
    value(this: T) {
      return show(this)
    },
  })
}

/** Undefined facts are left out. */
export type ShownFacts = Readonly<Record<string, string | number | undefined>>

/**
 * Makes `console.log` show one line of the facts named here, at any depth, and so never a secret.
 * Texts of peers are made safe for terminals.
 */
export function oneLine(name: string, facts: ShownFacts): string {
  const shown = Object.entries(facts).filter(([, value]) => value !== undefined)
  return `${name} { ${shown.map(([key, value]) => `${key}: ${printable(String(value), LONGEST)}`).join(', ')} }`
}

/** The beginning of an id, which is enough for people to tell a few apart. */
export const shortHex = (id: Uint8Array): string => `${toHex(id.subarray(0, 8))}…`

const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom')
/** Characters of one value. */
const LONGEST = 300
