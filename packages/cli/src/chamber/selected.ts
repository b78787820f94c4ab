import type { Chamber } from '@stt/chamber'

/** What was asked for by key, and what of that there is none of. */
export interface Selected {
  readonly keys: readonly string[]
  readonly missing: readonly string[]
}

/** The keys that were named and, with `folders`, those that lie below one, `KEY/…`; all where none was named. */
export async function select(chamber: Chamber, names: readonly string[], folders: boolean): Promise<Selected> {
  if (names.length === 0) return { keys: await chamber.list(), missing: [] }
  const keys = new Set<string>()
  const missing: string[] = []
  for (const name of names) {
    const found = (await chamber.has(name)) ? [name] : []
    const below = folders ? await chamber.list({ prefix: name.endsWith('/') ? name : `${name}/` }) : []
    for (const key of [...found, ...below]) keys.add(key)
    if (found.length + below.length === 0) missing.push(name)
  }
  return { keys: [...keys], missing }
}
