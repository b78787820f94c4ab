/** A promise that is settled from outside. Rejections are marked as handled, so an unobserved one is not reported as unhandled. */
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
