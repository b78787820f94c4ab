import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const configs = ['packages', 'tooling', 'examples']
  .flatMap(folder => readdirSync(join(root, folder)).map(name => join(root, folder, name, 'tsconfig.json')))
  .filter(file => existsSync(file))

function read(file: string): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, join(file, '..'))
}

test('the one program that npm test typechecks has every file of every package, by the rules of each', () => {
  const whole = read(join(root, 'tsconfig.json'))
  const files = new Set(whole.fileNames)
  expect(configs.length).toBeGreaterThan(15)
  for (const config of configs) {
    const { fileNames, options } = read(config)
    expect(fileNames.filter(file => !files.has(file))).toEqual([])
    expect({ ...options, ...APART }).toEqual({ ...whole.options, ...APART })
  }
})

/** What changes no verdict. */
const APART = { configFilePath: '', typeRoots: [], stripInternal: false }
