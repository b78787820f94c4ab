import { join } from 'node:path'
import ts from 'typescript'
import type { Exports, Package, Repository } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** An editor shows the docstring of the member under the cursor, so each member needs one. */
export const docstrings: Rule = {
  name: 'docstrings',
  claim:
    'every exported member of options, limits, statistics and handles has a docstring, and the ten main calls have an example',
  check(repository) {
    const program = programOf(repository)
    return repository.packages.flatMap(each => checkPackage(program, each, repository.root))
  },
}

/** One program for all packages, from their sources: what one re-exports of another is seen once. */
function programOf({ root, packages }: Repository): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tooling/presets/tsconfig/library.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  const files = packages.flatMap(entriesOf)
  return ts.createProgram(files, { ...options, types: [], noLib: true })
}

/** The source files that a package exports. */
function entriesOf({ path, manifest }: Package): string[] {
  const files = (conditions: Exports): string[] =>
    Object.entries(conditions).flatMap(([condition, value]) => {
      if (typeof value !== 'string') return files(value)
      return condition === '@stt/source' ? [join(path, value)] : []
    })
  return files(manifest.exports ?? {})
}

function checkPackage(program: ts.Program, each: Package, root: string): string[] {
  const checker = program.getTypeChecker()
  const exports = entriesOf(each).flatMap(file => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    return module ? checker.getExportsOfModule(module) : []
  })
  const missing = new Set<string>()
  for (const exported of exports) {
    for (const declaration of resolve(exported, checker).declarations ?? []) {
      if (!isOf(each, declaration)) continue
      const file = declaration.getSourceFile().fileName.slice(root.length + 1)
      for (const member of membersOf(declaration)) {
        if (!hasDocstring(member)) missing.add(`${file}: ${exported.name}.${member.name!.getText()} has no docstring`)
      }
    }
  }
  const examples = each.folder === 'node' ? withoutExample(exports, checker) : []
  return [...missing, ...examples]
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function withoutExample(exports: readonly ts.Symbol[], checker: ts.TypeChecker): string[] {
  const hasExample = (call: string): boolean => {
    const [name, method = ''] = call.split('.')
    const types = exports
      .filter(each => each.name === name)
      .map(each => resolve(each, checker))
      .flatMap(symbol => [checker.getDeclaredTypeOfSymbol(symbol), checker.getTypeOfSymbol(symbol)])
    const methods = types.flatMap(type => type.getProperty(method) ?? [])
    return methods.some(each => each.getJsDocTags(checker).some(tag => tag.name === 'example'))
  }
  return MAIN_CALLS.filter(call => !hasExample(call)).map(call => `@stt/node: ${call} has no @example`)
}

function isOf({ path }: Package, node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith(`${path.replaceAll('\\', '/')}/`)
}

type Member = ts.TypeElement | ts.ClassElement

/** Members that a user of a package can name, of the kinds of types that the rule is for. */
function membersOf(declaration: ts.Declaration): readonly Member[] {
  if (ts.isClassDeclaration(declaration)) return declaration.members.filter(isPublic)
  if (ts.isInterfaceDeclaration(declaration)) {
    const isHandle = declaration.members.some(ts.isMethodSignature)
    return isHandle || KINDS.test(declaration.name.text) ? declaration.members.filter(isPublic) : []
  }
  if (!ts.isTypeAliasDeclaration(declaration) || !KINDS.test(declaration.name.text)) return []
  const literals: ts.TypeLiteralNode[] = []
  const collect = (node: ts.TypeNode): void => {
    if (ts.isTypeLiteralNode(node)) literals.push(node)
    else if (ts.isIntersectionTypeNode(node) || ts.isUnionTypeNode(node)) node.types.forEach(collect)
  }
  collect(declaration.type)
  return literals.flatMap(literal => literal.members.filter(isPublic))
}

function isPublic(member: Member): boolean {
  if (!member.name || ts.isPrivateIdentifier(member.name) || ts.isComputedPropertyName(member.name)) return false
  return !(
    ts.getCombinedModifierFlags(member) &
    (ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override)
  )
}

/** Overloads, and a getter with its setter, may share one. */
function hasDocstring(member: Member): boolean {
  const name = member.name!.getText()
  const siblings = (member.parent as ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeLiteralNode).members
  return [...siblings].some(each => each.name?.getText() === name && ts.getJSDocCommentsAndTags(each).length > 0)
}

const KINDS = /(Options|Limits|Statistics)$/

/** Most programs make these calls. */
const MAIN_CALLS: readonly string[] = [
  ...['STTNode.create', 'STTNode.connect', 'STTNode.onSession'],
  ...['Session.openStream', 'Session.onStream', 'Session.sendDatagram', 'Session.close'],
  ...['Stream.write', 'Stream.writeMessage', 'Stream.readAll'],
]
