import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Public test vectors live outside the repository, in the folder that STT_VECTORS names. */
const { STT_VECTORS: folder } = process.env

/** A suite over one file of public vectors, skipped with its reason in its name where the folder is not given. */
export function describeVectors<T>(file: string, suite: (vectors: T) => void): void {
  if (folder === undefined) describe.skip(`${file} (skipped: STT_VECTORS is not set)`, () => suite({} as T))
  else describe(file, () => suite(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
}
