import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'

export interface Bundle {
  readonly code: string
  /** Paths of the sources that are in it, from the repository's root. */
  readonly inputs: readonly string[]
  /** What it still imports when it runs. */
  readonly imports: readonly string[]
}

/** What a bundler makes for a page of a module that stands in this folder. Nothing is filled in for what a page lacks. */
export async function bundleForPage(contents: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    absWorkingDir: join(import.meta.dirname, '../../..'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@stt/source', 'browser'],
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return { code: outputFiles[0]!.text, inputs: Object.keys(metafile.inputs), imports: importsOf(metafile) }
}

const importsOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
