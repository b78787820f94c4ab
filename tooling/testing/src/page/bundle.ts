import { basename, join } from 'node:path'
import { build, type Metafile } from 'esbuild'

export interface Bundle {
  /** The text of each file by its name; `page.js` is the one to load, and others are apart until they are needed. */
  readonly files: ReadonlyMap<string, string>
  /** Paths of the sources that it was made from, from the repository's root. */
  readonly inputs: readonly string[]
  /** Of these, the ones of which anything is left in the page's file, or in one that it needs from the start. */
  readonly loaded: readonly string[]
  /** Imports of other modules that remain in the files. */
  readonly imports: readonly string[]
}

/** Bundles a module that stands in `folder` for a page. No polyfills are added. */
export async function bundleForPage(contents: string, folder: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    absWorkingDir: join(import.meta.dirname, '../../../..'),
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

function loadedOf({ outputs }: Metafile): string[] {
  const files = new Set(Object.keys(outputs).filter(path => basename(path) === 'page.js'))
  // A set that grows while it is gone through is gone through to its end.
  for (const file of files) {
    for (const { path, kind } of outputs[file]!.imports) if (kind === 'import-statement') files.add(path)
  }
  return [...files].flatMap(file => {
    const { inputs } = outputs[file]!
    return Object.keys(inputs).filter(path => inputs[path]!.bytesInOutput > 0)
  })
}

const importsOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ imports }) => imports.filter(each => each.external).map(({ path }) => path))
