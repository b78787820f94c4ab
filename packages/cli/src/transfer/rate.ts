import { InvalidArgumentError } from 'commander'

/** Reads a rate such as `500k`, `2M` or `1.5MiB`. @returns bytes a second */
export function parseRate(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text) ?? []
  const rate = Number(number) * 1_024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
  if (!(rate >= 1)) throw new InvalidArgumentError('It takes bytes a second: 500k, 2M, 1.5MiB.')
  return rate
}
