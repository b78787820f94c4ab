/** The number that a name says in the one way a chamber writes it; undefined for every other name. */
export function readNumber(name: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(name)) return undefined
  const number = Number(name)
  return Number.isSafeInteger(number) ? number : undefined
}
