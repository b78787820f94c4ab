import { InvalidArgumentError } from 'commander'

/** Collects the values of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

/** Collects URLs of one of these schemes. @param example what the error shows */
export function urls(schemes: RegExp, example: string): typeof collect {
  return (value, before) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (!url || !schemes.test(url.protocol) || url.hostname === '')
      throw new InvalidArgumentError(`It takes ${example}.`)
    return collect(value, before)
  }
}

/** Collects URLs of relays. */
export const collectRelays: typeof collect = urls(/^wss?:$/, 'the URL of a relay: wss://relay.example')

/** Collects addresses of nodes. */
export const collectAddresses: typeof collect = urls(
  /^(wss?|udp):$/,
  'an address: udp://192.168.1.5:4433, ws://192.168.1.5:4433 or wss://example.org',
)

/** Reads seconds and gives milliseconds; 0 stands for no end. */
export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 1_000_000))
    throw new InvalidArgumentError('It takes seconds, 0 to 1000000.')
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It takes a whole number, at least 1.')
  return Number(text)
}

/** Reads a range of bytes as in HTTP: `100-199`, or `100-` for the rest. @returns `end` is the first byte behind the range */
export function parseRange(text: string): { readonly start: number; readonly end: number } {
  const [, first, last] = /^(\d{1,15})-(\d{0,15})$/.exec(text) ?? []
  const start = Number(first)
  const end = last === '' ? Number.MAX_SAFE_INTEGER : Number(last) + 1
  if (first !== undefined && start < end) return { start, end }
  throw new InvalidArgumentError('It takes the first byte and the last, 0-99, or 100- for all from there.')
}
