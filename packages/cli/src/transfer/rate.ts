import { InvalidArgumentError } from 'commander'

/** A rate as people type it: `500k`, `2M`, `1.5MiB`; bytes a second. */
export function parseRate(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? []
  const rate = Number(number) * 1_024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
  if (!(rate >= 1)) throw new InvalidArgumentError('It takes bytes a second: 500k, 2M, 1.5MiB.')
  return rate
}
