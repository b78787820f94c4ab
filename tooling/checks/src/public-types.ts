import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import type { Exports, Package } from './repository.ts'

/**
 * The public types of a built package as one text: the declarations of each entry, then those of the files that they
 * import. Comments are left out, so that only a change of types is a change, and so are the hashes in file names.
 */
export function publicTypes({ path, manifest }: Package): string {
  const files: string[] = []
  const queue = Object.values(manifest.exports ?? {}).flatMap(typesOf)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (files.includes(next)) continue
    files.push(next)
    queue.push(...relativeImports(path, next))
  }
  return files.map(file => `// ${withoutHash(file)}\n${declarations(join(path, file))}`).join('\n')
}

function typesOf(conditions: string | Exports): string[] {
  if (typeof conditions === 'string') return []
  return Object.entries(conditions).flatMap(([condition, value]) => {
    if (typeof value !== 'string') return typesOf(value)
    return condition === 'types' ? [value] : []
  })
}

function relativeImports(root: string, file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'))
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => `./${join(dirname(file), fileName.replace(/\.js$/, '.d.ts')).replaceAll('\\', '/')}`)
}

function declarations(path: string): string {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
  const text = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed }).printFile(source)
  return withoutHash(text)
}

function withoutHash(text: string): string {
  return text.replace(/-[A-Za-z0-9_-]{8}(?=\.(js|d\.ts))/g, '')
}
