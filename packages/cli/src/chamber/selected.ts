import type { Chamber } from '@stt/chamber'

/** Keys that a command selects, and those that do not exist. */
export interface Selected {
  readonly keys: readonly string[]
  readonly missing: readonly string[]
}

/** Selects the named keys and, with `folders`, those below them, `KEY/…`. Without a name it selects all. */
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
