/**
 * Calls `call`; errors made meanwhile get no stack, which is most of an error's cost. For calls whose errors are discarded, or
 * whose stacks would not help. Other code gets its stacks as before, whatever `call` does.
 *
 * @param args the arguments of `call`, which then needs no closure
 */
export function withoutStacks<Arguments extends readonly unknown[], Result>(
  call: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  const { stackTraceLimit } = Error
  // If a program has frozen it, stacks are taken as ever.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return call(...args)
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
