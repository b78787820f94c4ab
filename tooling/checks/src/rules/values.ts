import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { Exports, Package } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Compares the values that an entry declares with those that it exports when it is imported. */
export const values: Rule = {
  name: 'values',
  claim: 'what a package exports when it is imported is what its types call values, no more and no less',
  needsBuild: true,
  async check(repository) {
    const problems = await Promise.all(repository.packages.map(checkPackage))
    return problems.flat()
  },
}

interface Entry {
  /** Paths in the package's folder. */
  readonly types: string
  readonly code: string
}

async function checkPackage(each: Package): Promise<string[]> {
  const { name } = each.manifest
  const problems: string[] = []
  for (const { types, code } of entriesOf(each.manifest.exports ?? {})) {
    const [typesFile, codeFile] = [join(each.path, types), join(each.path, code)]
    if (!existsSync(typesFile) || !existsSync(codeFile)) {
      problems.push(`${name} is not built: npm run check builds it`)
      continue
    }
    const promised = promisedValues(typesFile)
    const exported = Object.keys((await import(pathToFileURL(codeFile).href)) as object)
    for (const value of promised.filter(value => !exported.includes(value))) {
      problems.push(`${name}: ${types} promises the value ${value}, which ${code} does not export: export it, or as a type only`) // biome-ignore format: one line
    }
    for (const value of exported.filter(value => !promised.includes(value))) {
      problems.push(`${name}: ${code} exports ${value}, of which ${types} knows no value`)
    }
  }
  return problems
}

/** Every file of code with the declarations that describe it. */
function entriesOf(conditions: Exports, types?: string): Entry[] {
  const { types: declared } = conditions
  const own = typeof declared === 'string' ? declared : types
  return Object.entries(conditions).flatMap(([condition, value]) => {
    if (condition === 'types' || condition === '@stt/source') return []
    if (typeof value !== 'string') return entriesOf(value, own)
    return own === undefined ? [] : [{ types: own, code: value }]
  })
}

function promisedValues(file: string): string[] {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
    // The exports do not depend on the platform's own types, and reading those takes longest.
    noLib: true,
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return []
  return checker
    .getExportsOfModule(module)
    .filter(symbol => isValue(symbol, checker))
    .map(({ name }) => name)
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  if (symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration)) return false
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return (target.flags & ts.SymbolFlags.Value) !== 0
}
