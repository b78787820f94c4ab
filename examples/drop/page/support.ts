/** Why this browser, or the way the page came, does not do; undefined where it does. A sentence that says what to do. */
export function missing(): string | undefined {
  if (!isSecureContext) {
    return `This page came over plain http, where anybody on the way can change it and read what it keeps. Open it at https://, or on the same machine at http://localhost.`
  }
  if (!('indexedDB' in globalThis) || !globalThis.indexedDB) return NO_PLACE
  if (!navigator.locks) return 'This browser is too old for this page: it has no locks between tabs. Update it.'
  return undefined
}

export const NO_PLACE =
  'This browser lets the page keep nothing, as some do in private windows. Open it in an ordinary window: what you receive has to be somewhere until you save it.'
