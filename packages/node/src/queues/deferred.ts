/** A promise that is settled from outside. Nobody has to listen: a rejection that nobody waits for is no accident. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  readonly reject: (error: unknown) => void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
