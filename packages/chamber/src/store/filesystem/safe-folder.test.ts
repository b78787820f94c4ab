import { isSttError } from '@stt/errors'
import { expect, test } from 'vitest'
import type { FileStatus } from './files.ts'
import { checkFolder } from './safe-folder.ts'

const user = { uid: 1000, gid: 1000 }

function refusal(path: string, status: Partial<FileStatus>, by = user): string | undefined {
  const folder = {
    uid: 1000,
    gid: 1000,
    mode: 0o40700,
    size: 0,
    isFile: () => false,
    isDirectory: () => true,
    ...status,
  }
  try {
    checkFolder(path, folder, by)
    return undefined
  } catch (error) {
    if (isSttError(error, 'STT_CHAMBER_STORE')) return error.message
    throw error
  }
}

// spec: STT-CHA-25
test('only its owner may write to a folder, though others may read it; a group counts unless it is the owner’s private one', () => {
  for (const mode of [0o700, 0o755, 0o500, 0o770, 0o775])
    expect(refusal('/c', { mode: 0o40000 | mode })).toBeUndefined()
  for (const mode of [0o702, 0o777, 0o757, 0o1777]) {
    expect(refusal('/c', { mode: 0o40000 | mode })).toContain("chmod -R go-w '/c'")
  }
  expect(refusal('/c', { mode: 0o40770, gid: 100 })).toContain("chmod -R go-w '/c'")
  // A group that is the first one of several users.
  expect(refusal('/c', { mode: 0o40770, gid: 20 }, { uid: 1000, gid: 20 })).toContain('chmod')
  expect(refusal('/c', { mode: 0o40755, gid: 100 })).toBeUndefined()
  for (const uid of [0, 1001]) expect(refusal('/c', { uid })).toContain("chown -R 1000 '/c'")
  expect(refusal('/c', { uid: 1000 }, { uid: 0, gid: 0 })).toContain("chown -R 0 '/c'")
})

test('the command that mends it is safe to paste, whatever the path', () => {
  expect(refusal("/it's; rm -rf x", { mode: 0o40777 })).toContain("chmod -R go-w '/it'\\''s; rm -rf x'")
})

test('a file in place of a folder is refused, also where there are no owners and modes', () => {
  expect(refusal('/c', { isDirectory: () => false })).toContain("rm '/c'")
})
