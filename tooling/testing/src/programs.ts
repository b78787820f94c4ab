import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

export interface Programs {
  /** The path of a program, for Node to run. @param name of its source file, without the ending */
  path(name: string): string
}

/**
 * Programs that the tests of a file start as processes, each one file with all that it imports of the sources, which starts
 * in a tenth of the time that these take. They are made before the tests and removed after them, so call it where the test
 * file is loaded, or a file that only tests import.
 *
 * @param folder of their sources; they come to lie beside each other, as these do
 * @param conditions of exports, beside that of sources
 */
export function programs(folder: string, names: readonly string[], conditions: readonly string[] = []): Programs {
  let made: string | undefined
  beforeAll(async () => {
    made = await mkdtemp(join(tmpdir(), 'stt-programs-'))
    // Most tests that import this package start no process.
    const { build } = await import('esbuild')
    await build({
      entryPoints: names.map(name => join(folder, `${name}.ts`)),
      outdir: made,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@stt/source', ...conditions],
      // What this package imports for tests is no part of a program that imports something else of it.
      external: ['esbuild', 'vitest'],
      banner: { js: REQUIRE },
      sourcemap: 'inline',
      logLevel: 'silent',
    })
  }, TIME_LIMIT)
  afterAll(async () => {
    if (made !== undefined) await rm(made, { recursive: true })
  })
  return {
    path(name) {
      if (made === undefined) throw new Error(`the program ${name} is made before the tests: ask for its path in one`)
      return join(made, `${name}.mjs`)
    },
  }
}

/** For what is bundled of packages that are not modules. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`

/** Milliseconds, on a machine that has much else to do. */
const TIME_LIMIT = 60_000
