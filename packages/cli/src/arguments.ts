import { InvalidArgumentError } from 'commander'

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Seconds, as people type them, in milliseconds; 0 is for ever. */
export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 1_000_000)) throw new InvalidArgumentError('It takes seconds.')
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It takes a whole number, at least 1.')
  return Number(text)
}
