import { SttError } from '@stt/errors'

/** The part of Web Locks in use. All tabs of an origin share them, and a lock ends with its tab. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    use: (lock: object | null) => Promise<void> | undefined,
  ): Promise<void>
}

/**
 * Takes a lock among all tabs and workers of this origin.
 *
 * @returns the function that releases it
 * @throws SttError `STT_CHAMBER_LOCKED` where another one has it; `STT_UNSUPPORTED` where a page has no locks
 */
export async function takeLock(name: string): Promise<() => Promise<void>> {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } }
  const locks = navigator?.locks
  if (!locks) {
    throw new SttError('STT_UNSUPPORTED', 'a page has the locks of the browser only over https, or at localhost')
  }
  const held = deferred()
  let ended: Promise<void> | undefined
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    ended = locks.request(name, { ifAvailable: true }, lock => {
      resolve(lock !== null)
      return lock === null ? undefined : held.promise
    })
    ended.catch(reject)
  })
  if (!isTaken) {
    throw new SttError(
      'STT_CHAMBER_LOCKED',
      'another tab has this chamber open; close it there, or open with readOnly: true',
    )
  }
  return async () => {
    held.resolve()
    await ended
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
