/** Whether `value` is a `Uint8Array`: of any realm, a Buffer too, and no proxy. */
export function isBytes(value: unknown): value is Uint8Array {
  return typeName.call(value) === 'Uint8Array'
}

/** The getter that all typed arrays share: it looks into the object, where `instanceof` looks at its prototype. */
const typeName: () => unknown = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!
