import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, parse, relative } from 'node:path'
import type { Plugin } from 'esbuild'

const made = new Map<string, Promise<string>>()

/**
 * Bundles a program that tests start as a process, with everything that it imports of the sources: the bundle starts in a
 * tenth of the time. Programs lie in the same places relative to each other as their sources, so that one can start another.
 *
 * @param source the path of its source file
 * @param conditions of exports, beside that of sources
 * @returns the path of the file, for Node to run
 */
export function bundledProgram(source: string, ...conditions: string[]): Promise<string> {
  // A program with a mutant in it is another one.
  const { STT_MUTANT: mutant = '' } = process.env
  const key = [...conditions, mutant].join('\n')
  const folder = join(KEPT, createHash('blake2b512').update(key).digest('hex').slice(0, 16))
  const base = source.startsWith(ROOT) ? ROOT : parse(source).root
  const path = join(folder, relative(base, source).replace(/\.ts$/, '.mjs'))
  let making = made.get(path)
  if (making === undefined) {
    making = make(source, path, conditions)
    made.set(path, making)
  }
  return making
}

async function make(source: string, path: string, conditions: readonly string[]): Promise<string> {
  // Most tests that import this package start no process.
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@stt/source', ...conditions],
    // This package's imports for tests do not belong in a program that imports another part of it.
    external: ['esbuild', 'vitest'],
    banner: { js: REQUIRE },
    plugins: [mutate],
    sourcemap: 'inline',
    write: false,
    logLevel: 'silent',
  })
  await mkdir(dirname(path), { recursive: true })
  // Others may be making it too, and somebody may be about to run it.
  const part = `${path}.${process.pid}`
  await writeFile(part, outputFiles[0]!.contents)
  await rename(part, path)
  return path
}

/** The one change that a run of `tooling/mutants` makes is in programs too. */
const mutate: Plugin = {
  name: 'stt-mutant',
  setup({ onLoad }) {
    const { file, find, replace } = JSON.parse(process.env['STT_MUTANT'] ?? '{}') as Record<string, string>
    if (!file || !find) return
    const path = join(ROOT, file)
    onLoad({ filter: /\.ts$/ }, async given => {
      if (given.path !== path) return undefined
      return { contents: (await readFile(path, 'utf8')).replace(find, () => replace ?? ''), loader: 'ts' }
    })
  },
}

const ROOT = join(import.meta.dirname, '../../..')
/** Bundles stay here until the next run replaces them. */
const KEPT = join(import.meta.dirname, '../node_modules/.cache/programs')

/** For what is bundled of packages that are not modules. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`
