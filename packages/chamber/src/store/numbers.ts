import type { ScopedStore } from './scoped-store.ts'

/** The numbers that are names in a folder, in order. */
export async function listNumbers(store: ScopedStore, folder: string): Promise<number[]> {
  const numbers: number[] = []
  for await (const name of store.list(folder)) {
    const number = readNumber(name.slice(folder.length))
    if (number !== undefined) numbers.push(number)
  }
  return numbers.sort((a, b) => a - b)
}

/** The number in a name, if it is written exactly as a chamber writes it; otherwise undefined. */
function readNumber(name: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(name)) return undefined
  const number = Number(name)
  return Number.isSafeInteger(number) ? number : undefined
}
