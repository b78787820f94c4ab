import { execFileSync } from 'node:child_process'
import { chmod, chown, copyFile, link, mkdir, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Chamber, type ChamberOptions, FilesystemStore } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { seededBytes } from './random.ts'

const options = { id: 'a', key: seededBytes(4, 32), minimumTail: 100 } as const

/** A closed chamber with two objects, its folder, and a folder beside it whose files must stay unread. */
async function prepare(): Promise<{ open: (more?: object) => Promise<Chamber>; scope: string; outside: string }> {
  const base = await temporaryFolder()
  const [path, outside] = [join(base, 'chamber'), join(base, 'home')]
  const open = (more = {}): Promise<Chamber> => Chamber.open({ ...options, path, ...more } as ChamberOptions)
  const chamber = await open()
  await chamber.store('x', Uint8Array.of(1))
  await chamber.store('y', Uint8Array.of(2))
  await chamber.close()
  await mkdir(outside)
  for (const name of PRECIOUS) await writeFile(join(outside, name), 'precious')
  const [scope = ''] = await readdir(path)
  return { open, scope: join(path, scope), outside }
}

// spec: STT-CHA-25
test('a folder of the chamber that leads elsewhere is refused, and nothing there is touched', async () => {
  for (const folder of ['.tmp', '.lock', 'obj', 'log', 'key', 'cp', '']) {
    const { open, scope, outside } = await prepare()
    await rename(join(scope, folder), `${scope}.moved`)
    await symlink(outside, join(scope, folder))
    await expect(open(), folder).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
    expect((await readdir(outside)).sort()).toEqual(PRECIOUS)
    // A reader uses neither of the first two, and objects when they are asked for.
    if (folder.startsWith('.')) continue
    const reading = open({ readOnly: true }).then(async reader => {
      onTestFinished(() => reader.close())
      return reader.retrieve('x')
    })
    await expect(reading, folder).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  }
})

// spec: STT-CHA-25
test('a store deletes nothing through a link', async () => {
  const path = await temporaryFolder()
  const outside = join(path, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'precious'), '')
  await mkdir(join(path, 'store'), { mode: 0o700 })
  await symlink(outside, join(path, 'store', 'a'))
  await expect(new FilesystemStore(join(path, 'store')).delete('a/precious')).rejects.toThrow('neither a folder')
  expect(await readdir(outside)).toEqual(['precious'])
})

test('of the store’s own folders only its own files are cleared away', async () => {
  const { open, scope } = await prepare()
  await writeFile(join(scope, '.lock', '0123456789abcdef'), 'not a socket')
  await symlink(join(scope, 'obj'), join(scope, '.lock', '00112233445566aa'))
  const others = ['notes.txt', '0123456789abcdef0123456']
  for (const name of others) await writeFile(join(scope, '.tmp', name), '')
  await mkdir(join(scope, '.tmp', '0123456789abcdef01234567'))
  await (await open()).close()
  expect((await readdir(join(scope, '.tmp'))).sort()).toEqual([...others, '0123456789abcdef01234567'].sort())
  expect((await readdir(join(scope, '.lock'))).sort()).toEqual(['00112233445566aa', '0123456789abcdef'])
})

// spec: STT-CHA-26
test('a FIFO, a device, a socket, a folder or a link in the place of a file is refused at once', async () => {
  const { open, scope } = await prepare()
  const reader = await open({ readOnly: true })
  const [object = ''] = await readdir(join(scope, 'obj'))
  const path = join(scope, 'obj', object)
  // A link to a genuine object is none.
  const genuine = join(scope, 'genuine')
  await copyFile(path, genuine)
  for (const [kind, make] of impostors(genuine)) {
    await rm(path, { recursive: true })
    await make(path)
    const results = await Promise.allSettled([...'xyxyxyxy'].map(key => reader.retrieve(key)))
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused.length, kind).toBe(4)
    for (const each of refused) expect(each).toMatchObject({ reason: { code: 'STT_CHAMBER_CORRUPT' } })
  }
  await reader.close()
  for (const name of ['key/1', 'log/1', 'cp/0']) {
    const prepared = await prepare()
    await unlink(join(prepared.scope, name))
    execFileSync('mkfifo', [join(prepared.scope, name)])
    await expect(prepared.open(), name).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
  }
})

// spec: STT-CHA-26
test('an object with a second name elsewhere is read like any other, and is left alone', async () => {
  const { open, scope, outside } = await prepare()
  const [object = ''] = await readdir(join(scope, 'obj'))
  await link(join(scope, 'obj', object), join(outside, 'second name'))
  const chamber = await open()
  expect(await chamber.retrieve('x')).toEqual(Uint8Array.of(1))
  expect(await chamber.retrieve('y')).toEqual(Uint8Array.of(2))
  await chamber.delete('x')
  await chamber.delete('y')
  await chamber.close()
  expect((await readdir(outside)).length).toBe(PRECIOUS.length + 1)
})

// spec: STT-CHA-25
test('a folder that others may write to, or that is another user’s, is refused with the command that mends it', async () => {
  for (const folder of ['..', '', 'obj', '.tmp']) {
    const { open, scope } = await prepare()
    const path = join(scope, folder)
    await chmod(path, 0o757)
    const command = `chmod -R go-w '${path}'`
    await expect(open(), folder).rejects.toMatchObject({
      code: 'STT_CHAMBER_STORE',
      message: expect.stringContaining(command),
    })
    execFileSync('sh', ['-c', command])
    await (await open()).close()
  }
})

test.skipIf(process.geteuid?.() !== 0)('the superuser trusts no folder of another user', async () => {
  const { open, scope } = await prepare()
  const path = join(scope, '..')
  await chown(path, 65_534, 65_534)
  await expect(open()).rejects.toThrow(`chown -R 0 '${path}'`)
  await expect(open({ readOnly: true })).rejects.toThrow(`chown -R 0 '${path}'`)
})

/** How each thing that is no file comes to a path. */
function impostors(genuine: string): [string, (path: string) => Promise<unknown> | unknown][] {
  const listen = (path: string): Promise<void> => {
    const server = createServer()
    onTestFinished(() => void server.close())
    return new Promise(resolve => server.listen(path, resolve))
  }
  const device = (path: string): unknown => execFileSync('mknod', [path, 'c', '1', '5'])
  return [
    ['FIFO', path => execFileSync('mkfifo', [path])],
    ['socket', listen],
    ['folder', path => mkdir(path)],
    ['link', path => symlink(genuine, path)],
    // Only the superuser makes devices, and not in every container.
    ...(canMakeDevices(`${genuine}.device`) ? [['device', device] as [string, typeof device]] : []),
  ]
}

function canMakeDevices(path: string): boolean {
  try {
    execFileSync('mknod', [path, 'c', '1', '5'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const PRECIOUS = ['0123456789abcdef', '0123456789abcdef01234567', 'id_ed25519', 'notes.txt']
