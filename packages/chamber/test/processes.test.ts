import { chmod, chown, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSttError } from '@stt/errors'
import { expect, onTestFinished, test } from 'vitest'
import { Chamber } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { killOften } from './kill.ts'
import { Child } from './processes.ts'
import { childOptions, step } from './writer-steps.ts'

function startChild(...parameters: ConstructorParameters<typeof Child>): Child {
  const child = new Child(...parameters)
  onTestFinished(() => child.kill())
  return child
}

// spec: STT-CHA-18 STT-CHA-21
test('one writer of two processes; readers beside it; a killed one leaves the lock to exactly one of many', async () => {
  const path = await temporaryFolder()
  const writer = startChild('write', path)
  expect(await writer.line()).toBe('open')
  expect(await writer.line()).toBe('0')
  await expect(Chamber.open(childOptions(path))).rejects.toMatchObject({ code: 'STT_CHAMBER_LOCKED' })

  const reader = await Chamber.open(childOptions(path, true))
  expect((await reader.list()).length).toBeGreaterThan(0)
  await expect(reader.store('x', new Uint8Array(1))).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
  await writer.kill()

  const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => Chamber.open(childOptions(path))))
  const opened = attempts.flatMap(attempt => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  for (const attempt of attempts) {
    if (attempt.status === 'rejected') expect(isSttError(attempt.reason, 'STT_CHAMBER_LOCKED')).toBe(true)
  }
  expect(opened.length).toBe(1)
  await opened[0]!.store('by the next writer', new Uint8Array(1))
  expect(await reader.has('by the next writer')).toBe(true)
  await opened[0]!.close()
  await reader.close()
  // Neither the living nor the dead left a claim.
  const [scope = ''] = await readdir(path)
  expect(await readdir(join(path, scope, '.lock'))).toEqual([])
})

// spec: STT-CHA-21
test('two processes that find a dead lock at once: one of them gets it', async () => {
  const path = await temporaryFolder()
  const first = startChild('hold', path)
  expect(await first.line()).toBe('open')
  await first.kill()
  const [one, other] = [startChild('hold', path), startChild('hold', path)]
  expect([await one.line(), await other.line()].sort()).toEqual(['STT_CHAMBER_LOCKED', 'open'])
  await Promise.all([one.end(), other.end()])
  await (await Chamber.open(childOptions(path))).close()
})

// spec: STT-CHA-9
test('a writer that is killed at any time loses nothing that it acknowledged', async () => {
  await killOften(await temporaryFolder(), Number(process.env['STT_KILLS'] ?? 2))
})

test('a folder that cannot be written to is a typed error, and can be read', async ({ skip }) => {
  const path = await temporaryFolder()
  const chamber = await Chamber.open(childOptions(path))
  await step(chamber, 0)
  await chamber.close()
  const names = ['', ...(await readdir(path, { recursive: true }))].map(name => join(path, name))
  const folders = names.filter(name => !/\d$/.test(name) || name === path)
  onTestFinished(async () => {
    for (const folder of folders) await chmod(folder, 0o755)
  })
  // The superuser may write everywhere: this process goes on as another user, with all of its code loaded, because neither
  // Node nor this repository need to lie where others can read.
  const isSuperuser = process.geteuid?.() === 0
  if (isSuperuser) for (const name of names) await chown(name, NOBODY, NOBODY)
  for (const folder of folders) await chmod(folder, 0o555)
  if (isSuperuser) {
    process.seteuid!(NOBODY)
    onTestFinished(() => process.seteuid!(0))
    if (!(await isReachable(path))) skip(`the folder for temporary files, ${path}, can be entered by its owner only`)
  }
  const writing = Chamber.open(childOptions(path))
  await expect(writing).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE', details: { code: 'EACCES' } })
  const reader = await Chamber.open(childOptions(path, true))
  expect(await reader.list()).toEqual(['key 0'])
  await reader.close()
})

function isReachable(path: string): Promise<boolean> {
  // (`access` asks for the user that the process began as.)
  return stat(path).then(
    () => true,
    () => false,
  )
}

test('a path longer than the address of a socket is locked as well', async () => {
  const path = join(await temporaryFolder(), ...Array.from({ length: 6 }, () => 'a-folder-with-a-long-name'))
  const chamber = await Chamber.open(childOptions(path))
  await expect(Chamber.open(childOptions(path))).rejects.toMatchObject({ code: 'STT_CHAMBER_LOCKED' })
  await chamber.close()
  await (await Chamber.open(childOptions(path))).close()
})

/** A user that owns nothing. */
const NOBODY = 65_534
