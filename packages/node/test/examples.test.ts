import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const SOURCES = join(import.meta.dirname, '../src')

/** Every `@example` of the public interfaces, as the body of a function. */
function examples(): string[] {
  const files = [
    'stt-node.ts',
    'options/metadata-field.ts',
    ...readdirSync(join(SOURCES, 'api')).map(file => `api/${file}`),
  ]
  return files.flatMap(file =>
    [
      ...readFileSync(join(SOURCES, file), 'utf8').matchAll(/^ *\* @example\n((?: *\* ?.*\n)*?)(?= *\*\/| *\* @)/gm),
    ].map(([, lines]) => lines!.replace(/^ *\* ?/gm, '')),
  )
}

test('the examples of docstrings compile', () => {
  const found = examples()
  expect(found.length).toBeGreaterThanOrEqual(14)
  const file = join(import.meta.dirname, 'examples-in-docstrings.ts')
  const text = `
import { metadataField, Seed, type Session, type Stream, STTNode } from '../src/index.ts'
declare const file: { write(bytes: Uint8Array): Promise<void> }
${found.map((code, i) => `export async function example${i}(${codeNeeds(code)}) {\n${code}}`).join('\n')}
export const unused = [metadataField, Seed, STTNode, file]`
  const { config } = ts.readConfigFile(join(import.meta.dirname, '../tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, join(import.meta.dirname, '..'))
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.Latest) : getSourceFile(name, ...rest)
  const program = ts.createProgram(
    [file],
    {
      ...options,
      types: ['node'],
      typeRoots: [join(import.meta.dirname, '../node_modules/@types')],
      noEmit: true,
      noUnusedLocals: false,
    },
    host,
  )
  const source = program.getSourceFile(file)
  const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
})

/** The parameters that an example does not declare itself. */
function codeNeeds(code: string): string {
  const given = ['node: STTNode', 'session: Session', 'stream: Stream']
  return given.filter(each => !code.includes(`const ${each.split(':')[0]} `)).join(', ')
}
