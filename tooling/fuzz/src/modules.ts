import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../packages', import.meta.url))

/** Every entry of every package by its name, so that a new package, or export, is called too. */
export async function loadModules(): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const names = readdirSync(folder).flatMap(entriesOf)
  const modules = await Promise.all(
    names.map(name => import(/* @vite-ignore */ name) as Promise<Record<string, unknown>>),
  )
  return new Map(names.map((name, i) => [name, modules[i]!]))
}

function entriesOf(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { exports: object }
  return Object.keys(manifest.exports).map(entry => `@stt/${name}${entry.slice(1)}`)
}
