import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { chamberStoreRules } from '../testing/index.ts'
import { FilesystemStore } from './filesystem/filesystem-store.ts'
import { MemoryStore } from './memory-store.ts'

describe('the memory store', () => {
  for (const rule of chamberStoreRules) test(rule.name, () => rule.check(async () => new MemoryStore()))
})

describe('the filesystem store', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stt-chamber-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  for (const [index, rule] of chamberStoreRules.entries()) {
    test(rule.name, () => rule.check(async () => new FilesystemStore(join(folder, `${index}`, 'deep'))))
  }
})
