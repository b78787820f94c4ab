import { SttError } from '@stt/errors'

/** Of the Web Locks, which all tabs of an origin share, and which end with the tab that has them. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    use: (lock: object | null) => Promise<void> | undefined,
  ): Promise<void>
}

/**
 * Takes a lock that no other tab or worker of this origin has.
 *
 * @returns what gives it back
 * @throws SttError `STT_CHAMBER_LOCKED` where one has it; `STT_UNSUPPORTED` where a page has no locks
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
