import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The test files that need a process of their own: those that measure its memory, count what it has open, or change what all
 * of its code sees, in a file that a test imports or by themselves. The other ones of a package may share a process, and what
 * they import.
 *
 * @param root of the repository
 * @param folders of packages, from there
 * @returns by folder, the paths from it
 */
export const aloneIn = (root, folders) =>
  new Map(
    folders.map(folder => {
      const path = join(root, folder)
      const files = ['src', 'test'].flatMap(each => testsIn(path, each))
      return [folder, files.filter(file => needsOwnProcess(join(path, file)))]
    }),
  )

function testsIn(path, folder) {
  if (!existsSync(join(path, folder))) return []
  return readdirSync(join(path, folder), { recursive: true })
    .filter(file => file.endsWith('.test.ts'))
    .map(file => `${folder}/${file.replaceAll('\\', '/')}`)
}

function needsOwnProcess(file) {
  const text = readFileSync(file, 'utf8')
  const helpers = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path]) => join(dirname(file), path))
  return [text, ...helpers.filter(isTestCode).map(path => readFileSync(path, 'utf8'))].some(each => PROCESS.test(each))
}

const isTestCode = path => /[\\/]test[\\/].*\.ts$/.test(path) && existsSync(path)

const PROCESS =
  /\bmeasureMemory\b|\bmemoryUsage\b|\bgetActiveResourcesInfo\b|\bvi\.(mock|resetModules|spyOn|stub\w+|useFakeTimers)\b/
