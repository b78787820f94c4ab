import { basename, join } from 'node:path'
import { build, type Metafile } from 'esbuild'

export interface Bundle {
  /** The text of each file by its name; `page.js` is the one to load, and others are apart until they are needed. */
  readonly files: ReadonlyMap<string, string>
  /** Paths of the sources that it was made from, from the repository's root. */
  readonly inputs: readonly string[]
  /** Of these, the ones of which anything is left in a file. */
  readonly loaded: readonly string[]
  /** What the files still import of others when they run, their own parts apart. */
  readonly imports: readonly string[]
}

/** What a bundler makes for a page of a module that stands in this folder. Nothing is filled in for what a page lacks. */
export async function bundleForPage(contents: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    absWorkingDir: join(import.meta.dirname, '../../..'),
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@stt/source', 'browser'],
    outdir: 'out',
    entryNames: 'page',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return {
    files: new Map(outputFiles.map(({ path, text }) => [basename(path), text])),
    inputs: Object.keys(metafile.inputs),
    loaded: loadedOf(metafile),
    imports: importsOf(metafile),
  }
}

const loadedOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs).filter(path => inputs[path]!.bytesInOutput > 0))

const importsOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ imports }) => imports.filter(each => each.external).map(({ path }) => path))
