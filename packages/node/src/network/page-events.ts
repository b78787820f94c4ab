import type { NetworkChange } from './network-watch.ts'

/** The events of a page or a worker; elsewhere there are none. */
export interface Page {
  readonly addEventListener?: EventTarget['addEventListener']
  readonly removeEventListener?: EventTarget['removeEventListener']
  readonly document?: { readonly visibilityState: string }
}

/** A page does not learn its addresses; they may be others when it is online again, or looked at again. @returns what ends that */
export const watchPageNetwork = (page: Page, onChange: (change: NetworkChange) => void): (() => void) =>
  listen(page, {
    online: () => onChange({ addressesChanged: true }),
    pageshow: () => onChange({ addressesChanged: false }),
    visibilitychange() {
      if (page.document?.visibilityState === 'visible') onChange({ addressesChanged: false })
    },
  })

/**
 * Calls `leave` when the page goes away for good. A page that the browser keeps for its "back" button does
 * not count.
 *
 * @returns what ends that
 */
export const whenPageLeft = (page: Page, leave: () => void): (() => void) =>
  listen(page, {
    pagehide(event) {
      if ((event as Event & { readonly persisted?: boolean }).persisted === false) leave()
    },
  })

function listen(page: Page, handlers: Readonly<Record<string, (event: Event) => void>>): () => void {
  for (const [name, handler] of Object.entries(handlers)) page.addEventListener?.(name, handler)
  return () => {
    for (const [name, handler] of Object.entries(handlers)) page.removeEventListener?.(name, handler)
  }
}
