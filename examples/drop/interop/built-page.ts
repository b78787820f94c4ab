import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

/** The page as a browser gets it, made of the sources of all packages: its files by the path of their URL. */
export async function builtPage(): Promise<Map<string, Uint8Array>> {
  const folder = mkdtempSync(join(tmpdir(), 'stt drop-'))
  try {
    await build({
      configFile: join(import.meta.dirname, '../vite.config.ts'),
      root: join(import.meta.dirname, '../page'),
      logLevel: 'error',
      resolve: { conditions: ['@stt/source', 'browser', 'module', 'import', 'default'] },
      build: { outDir: folder },
    })
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(each => each.isFile())
    return new Map(
      paths.map(({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(folder.length).replaceAll('\\', '/'), readFileSync(path)]
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
