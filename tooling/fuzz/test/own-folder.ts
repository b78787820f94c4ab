import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** Runs a file's tests in a folder of its own: some arguments are relative paths. */
export function inOwnFolder(): void {
  const start = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'stt-fuzz-'))
  beforeAll(() => process.chdir(folder))
  afterAll(() => {
    process.chdir(start)
    rmSync(folder, { recursive: true, force: true })
  })
}
