import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../packages', import.meta.url))

/** Every package's main entry by its name, so that a new package, or export, is called too. */
export async function loadModules(): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const names = readdirSync(folder).map(name => `@stt/${name}`)
  const modules = await Promise.all(
    names.map(name => import(/* @vite-ignore */ name) as Promise<Record<string, unknown>>),
  )
  return new Map(names.map((name, i) => [name, modules[i]!]))
}
