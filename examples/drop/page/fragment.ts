/** The invitation behind the `#` of the address, which is in no address and no history from here on. */
export function takeFragment(): string | undefined {
  const { hash, pathname, search } = location
  if (!new URLSearchParams(hash.slice(1)).has('pair')) return undefined
  history.replaceState(null, '', pathname + search)
  return hash
}
