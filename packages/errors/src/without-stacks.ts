/**
 * Calls `call`; errors that are made meanwhile take no stack, which is most of what one costs. For what makes errors that
 * nobody reads, or whose stack would tell nothing. The code around has its stacks as before, whatever `call` does.
 *
 * @param args what `call` gets, so that no closure has to be made for it
 */
export function withoutStacks<Arguments extends readonly unknown[], Result>(
  call: (...args: Arguments) => Result,
  ...args: Arguments
): Result {
  const { stackTraceLimit } = Error
  // Where a program has frozen it, stacks are taken as ever.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return call(...args)
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
