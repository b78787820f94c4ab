import { dirname, join, normalize } from 'node:path/posix'
import ts from 'typescript'
import type { Exports, Repository } from './repository.ts'

/** The names that one file imports from another. */
interface Import {
  readonly from: string
  /** As the other module calls them; `*` for all of it. */
  readonly names: readonly string[]
}

/**
 * Reads which source files know each other: one imports the other, as a file or through the entry of its package, or
 * both know an interface that one of them implements.
 */
export class Neighbours {
  readonly #repository: Repository
  readonly #sources = new Map<string, ts.SourceFile>()
  readonly #known = new Map<string, ReadonlySet<string>>()

  constructor(repository: Repository) {
    this.#repository = repository
  }

  /** Whether two files, by their paths from the root, know each other. Imports of types count. */
  are(a: string, b: string): boolean {
    const [ofA, ofB] = [this.#knownTo(a), this.#knownTo(b)]
    if (touches(ofA, b) || touches(ofB, a)) return true
    return this.#inherited(b).some(each => ofA.has(each)) || this.#inherited(a).some(each => ofB.has(each))
  }

  /** Everything that a file imports, each as `file#name`, once for each file through which the name comes. */
  #knownTo(file: string): ReadonlySet<string> {
    const before = this.#known.get(file)
    if (before) return before
    const known = new Set<string>()
    for (const { from, names } of this.#importsOf(file)) {
      for (const entry of this.#targets(file, from)) {
        known.add(`${entry}#`)
        for (const name of names) this.#follow(entry, name, known)
      }
    }
    this.#known.set(file, known)
    return known
  }

  /** The imported types that something in the file extends or implements. */
  #inherited(file: string): readonly string[] {
    const names = new Set<string>()
    const visit = (node: ts.Node): void => {
      if (ts.isHeritageClause(node)) for (const { expression } of node.types) names.add(expression.getText())
      ts.forEachChild(node, visit)
    }
    visit(this.#parse(file))
    return [...this.#knownTo(file)].filter(each => names.has(each.slice(each.indexOf('#') + 1)))
  }

  #importsOf(file: string): readonly Import[] {
    const found: Import[] = []
    const visit = (node: ts.Node): void => {
      const from = moduleOf(node)
      if (from !== undefined) found.push({ from, names: namesOf(node) })
      ts.forEachChild(node, visit)
    }
    visit(this.#parse(file))
    return found
  }

  /** The source files that a specifier stands for: more than one where platforms differ, none of a foreign package. */
  #targets(importer: string, specifier: string): readonly string[] {
    if (specifier.startsWith('.')) return [join(dirname(importer), specifier)]
    const [, name, subpath = ''] = /^(@stt\/[^/]+)(\/.+)?$/.exec(specifier) ?? []
    const owner = this.#repository.packages.find(each => each.manifest.name === name)
    const entry = owner?.manifest.exports?.[`.${subpath}`]
    if (owner === undefined || entry === undefined) return []
    return sourcesOf(entry).map(path => `packages/${owner.folder}/${normalize(path)}`)
  }

  /** Adds a name as each file has it that passes it on, down to the one that declares it. @returns whether there is one */
  #follow(file: string, name: string, known: Set<string>, asked: Set<string> = new Set()): boolean {
    if (asked.has(`${file}#${name}`) || !this.#repository.exists(file)) return false
    asked.add(`${file}#${name}`)
    let found = false
    for (const statement of this.#parse(file).statements) {
      if (!ts.isExportDeclaration(statement)) {
        if (declares(statement, name)) found = true
        continue
      }
      const from = moduleOf(statement)
      const original = originalName(statement, name)
      if (original === undefined) continue
      if (from === undefined) found = true
      else for (const to of this.#targets(file, from)) found = this.#follow(to, original, known, asked) || found
    }
    if (found) known.add(`${file}#${name}`)
    return found
  }

  #parse(file: string): ts.SourceFile {
    const known = this.#sources.get(file)
    if (known) return known
    const source = ts.createSourceFile(file, this.#repository.read(file), ts.ScriptTarget.Latest, true)
    this.#sources.set(file, source)
    return source
  }
}

const ALL = '*'

const touches = (known: ReadonlySet<string>, file: string): boolean =>
  [...known].some(each => each.startsWith(`${file}#`))

/** The module that a statement or an expression names, if it names one. */
function moduleOf(node: ts.Node): string | undefined {
  const specifier = specifierOf(node)
  return specifier && ts.isStringLiteral(specifier) ? specifier.text : undefined
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isImport ? node.arguments[0] : undefined
}

function namesOf(node: ts.Node): readonly string[] {
  if (ts.isImportTypeNode(node)) return [node.qualifier ? firstOf(node.qualifier) : ALL]
  const bindings = ts.isExportDeclaration(node)
    ? node.exportClause
    : ts.isImportDeclaration(node)
      ? node.importClause?.namedBindings
      : undefined
  if (bindings && (ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return bindings.elements.map(nameOf)
  // An import for its effects alone takes no name.
  return ts.isImportDeclaration(node) && !bindings ? [] : [ALL]
}

const nameOf = ({ name, propertyName }: ts.ImportOrExportSpecifier): string => (propertyName ?? name).text

const firstOf = (name: ts.EntityName): string => (ts.isIdentifier(name) ? name.text : firstOf(name.left))

/** The exported module's own word for the name, or `undefined` when this statement does not export it. */
function originalName({ exportClause }: ts.ExportDeclaration, name: string): string | undefined {
  if (!exportClause || name === ALL) return name
  if (ts.isNamespaceExport(exportClause)) return exportClause.name.text === name ? ALL : undefined
  const element = exportClause.elements.find(each => each.name.text === name)
  return element && nameOf(element)
}

function declares(statement: ts.Statement, name: string): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return false
  const names = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.map(each => each.name)
    : [(statement as ts.Statement & { readonly name?: ts.Node }).name]
  return names.some(each => each !== undefined && ts.isIdentifier(each) && (name === ALL || each.text === name))
}

/** The files behind the condition under which tests and tools read sources. */
function sourcesOf(entry: string | Exports): readonly string[] {
  if (typeof entry === 'string') return []
  return Object.entries(entry).flatMap(([condition, target]) => {
    if (typeof target !== 'string') return sourcesOf(target)
    return condition === '@stt/source' ? [target] : []
  })
}
