import ts from 'typescript'
import type { Package, Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'
import { API_FILE } from './api.ts'

/** A type that a caller meets and cannot name is one that the package did not mean to publish. */
export const nameable: Rule = {
  name: 'nameable',
  claim: 'the public types of each package name only types that it exports',
  check(repository) {
    return repository.packages.flatMap(each => hiddenOf(repository, each))
  },
}

/** The declarations of `etc/api.d.ts` that no entry exports, as sentences. */
function hiddenOf(repository: Repository, { folder, manifest }: Package): string[] {
  const file = `packages/${folder}/${API_FILE}`
  if (!repository.exists(file)) return [`${file} is missing: run "npm run api" and commit it`]
  const parts = partsOf(repository.read(file))
  const shown = new Set<string>()
  for (const entry of entriesOf(JSON.stringify(manifest.exports ?? {}))) {
    for (const name of parts.get(entry)?.exports.values() ?? []) show(parts, entry, name, shown)
  }
  return [...parts].flatMap(([path, { declarations }]) =>
    [...declarations.keys()]
      .filter(name => !shown.has(`${path} ${name}`))
      .map(name => `${file} declares ${name}, which ${manifest.name} does not export: export it, or keep it out`),
  )
}

/** One file of declarations. */
interface Part {
  /** Local name → the declarations with it. */
  readonly declarations: ReadonlyMap<string, readonly ts.Statement[]>
  /** Local name → the file and the name there that it stands for. */
  readonly imports: ReadonlyMap<string, readonly [file: string, name: string]>
  /** Exported name → local name. */
  readonly exports: ReadonlyMap<string, string>
}

/** Marks what `name` of a file stands for as public, and what it merely is another name or an extension of. */
function show(parts: ReadonlyMap<string, Part>, path: string, name: string, shown: Set<string>): void {
  const part = parts.get(path)
  const from = part?.imports.get(name)
  if (from) {
    const [file, there] = from
    const local = parts.get(file)?.exports.get(there)
    if (local !== undefined) show(parts, file, local, shown)
    return
  }
  const key = `${path} ${name}`
  if (shown.has(key)) return
  shown.add(key)
  for (const base of part?.declarations.get(name)?.flatMap(basesOf) ?? []) show(parts, path, base, shown)
}

/** `B` of `type A = B<…>`, of `type A = B & …` and `A = B | …`, and of `interface A extends B<…>`. */
function basesOf(statement: ts.Statement): string[] {
  if (ts.isTypeAliasDeclaration(statement)) return namesIn(statement.type)
  if (!ts.isInterfaceDeclaration(statement) && !ts.isClassDeclaration(statement)) return []
  return (statement.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => (ts.isIdentifier(expression) ? [expression.text] : [])),
  )
}

/** A caller tells the parts of a union from each other by their members, so these need no names. */
function namesIn(type: ts.TypeNode): string[] {
  if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)) return type.types.flatMap(namesIn)
  return ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) ? [type.typeName.text] : []
}

function partsOf(text: string): Map<string, Part> {
  const [, ...pieces] = text.split(/^\/\/ (\.\/\S+)\n/m)
  const parts = new Map<string, Part>()
  for (let i = 0; i + 1 < pieces.length; i += 2) parts.set(pieces[i]!, partOf(pieces[i]!, pieces[i + 1]!))
  return parts
}

function partOf(path: string, text: string): Part {
  const declarations = new Map<string, ts.Statement[]>()
  const imports = new Map<string, readonly [string, string]>()
  const exports = new Map<string, string>()
  for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements) {
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings
      if (!bindings || !ts.isNamedImports(bindings)) continue
      const file = fileOf(path, statement.moduleSpecifier)
      for (const { name, propertyName } of bindings.elements) {
        imports.set(name.text, [file, (propertyName ?? name).text])
      }
    } else if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) continue
      const file = statement.moduleSpecifier && fileOf(path, statement.moduleSpecifier)
      for (const { name, propertyName } of statement.exportClause.elements) {
        const local = file === undefined ? (propertyName ?? name).text : `${file} ${(propertyName ?? name).text}`
        if (file !== undefined) imports.set(local, [file, (propertyName ?? name).text])
        exports.set(name.text, local)
      }
    } else {
      for (const name of namesOf(statement)) declarations.set(name, [...(declarations.get(name) ?? []), statement])
    }
  }
  return { declarations, imports, exports }
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []))
  }
  const { name } = statement as ts.Statement & { readonly name?: ts.Node }
  return name && ts.isIdentifier(name) ? [name.text] : []
}

/** `./chunk.js`, imported by `./dist/index.d.ts`, is `./dist/chunk.d.ts`. */
function fileOf(path: string, specifier: ts.Expression): string {
  const { text } = specifier as ts.StringLiteral
  if (!text.startsWith('.')) return text
  return `${path.slice(0, path.lastIndexOf('/'))}${text.slice(1).replace(/\.js$/, '.d.ts')}`
}

const entriesOf = (exports: string): string[] => exports.match(/\.\/[^"]+\.d\.ts/g) ?? []
