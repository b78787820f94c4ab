import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Chamber } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { inPieces } from './scenario.ts'

const master = Buffer.from('the master key of this test: 32b')

/** All files under a folder, and all that a person who looks at it sees: names and contents. */
async function look(path: string): Promise<{ files: string[]; all: Buffer }> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const contents = await Promise.all(files.map(file => readFile(file)))
  const names = entries.map(entry => entry.name).join('\n')
  return { files, all: Buffer.concat([Buffer.from(names), ...contents]) }
}

// spec: STT-CHA-3
test('nothing in the folder shows a key, a name, metadata, the id, the master key or a byte of what is stored', async () => {
  const path = await temporaryFolder()
  const secrets = {
    id: 'the quarterly figures',
    key: 'reports/2031/acquisition of Initech.pdf',
    metadata: 'author: Milton Waddams',
    plaintext: 'We have come to the conclusion that the red stapler must be returned. '.repeat(600),
    passphrase: 'burn the building down',
    replaced: 'The first version of the text, which must not show either.',
  }
  const argon2id = { memory: 8_192, passes: 1, lanes: 1 }
  for (const secret of [{ key: master }, { passphrase: secrets.passphrase, argon2id }]) {
    const folder = join(path, Object.keys(secret)[0]!)
    const chamber = await Chamber.open({ path: folder, id: secrets.id, minimumTail: 2, ...secret })
    await chamber.store(secrets.key, Buffer.from(secrets.replaced))
    for (let i = 0; i < 5; i++) {
      await chamber.store(secrets.key, inPieces(Buffer.from(secrets.plaintext), 999), { metadata: secrets.metadata })
    }
    await chamber.close()
  }
  const { all, files } = await look(path)
  expect(files.length).toBeGreaterThanOrEqual(6)
  for (const [name, secret] of Object.entries({ ...secrets, master: master.toString() })) {
    const bytes = Buffer.from(secret)
    for (let at = 0; at + 8 <= Math.min(bytes.length, 200); at++) {
      const window = bytes.subarray(at, at + 8)
      for (const form of [window, window.toString('hex'), window.toString('base64').slice(0, 10)]) {
        expect(all.includes(form), `${name} at ${at}`).toBe(false)
      }
    }
  }
  expect(all.includes(Buffer.from(secrets.id).toString('utf16le'))).toBe(false)
})

// spec: STT-CHA-20
test('files are their owner’s alone, and what a killed writer left of one is gone after the next opening', async () => {
  const path = join(await temporaryFolder(), 'new', 'folder')
  const options = { path, id: 'a', key: master }
  const chamber = await Chamber.open(options)
  await chamber.store('x', new Uint8Array(100_000))
  await chamber.close()
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const { mode } = await stat(join(entry.parentPath, entry.name))
    expect((mode & 0o777).toString(8), entry.name).toBe(entry.isFile() ? '600' : '700')
  }
  expect((await look(path)).files.map(file => file.split('/').at(-2)).sort()).toEqual([
    '.spare',
    '.spare',
    'cp',
    'head',
    'key',
    'log',
    'obj',
  ])
  const [scope = ''] = await readdir(path)
  await writeFile(join(path, scope, '.tmp', '0123456789abcdef01234567'), 'half of an obj')
  await (await Chamber.open(options)).close()
  expect(await readdir(join(path, scope, '.tmp'))).toEqual([])
})

test('10,000 objects: the log doubles from one checkpoint to the next, and opening reads a checkpoint and a tail', async () => {
  const path = await temporaryFolder()
  const options = { path, id: 'many', key: master, durability: 'relaxed' } as const
  const chamber = await Chamber.open(options)
  const content = (i: number): Uint8Array => Buffer.from(`object ${i}`)
  for (let i = 0; i < 10_000; i += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, j) => chamber.store(`key ${i + j}`, content(i + j))))
  }
  await chamber.close()
  const { checkpoints, operationsSinceCheckpoint } = chamber.getStatistics()
  expect(checkpoints).toBeGreaterThanOrEqual(3)
  expect(checkpoints).toBeLessThanOrEqual(6)
  const [scope = ''] = await readdir(path)
  expect((await readdir(join(path, scope, 'cp'))).length).toBe(1)

  const again = await Chamber.open({ ...options, readOnly: true })
  expect(again.getStatistics()).toMatchObject({ keys: 10_000, operationsSinceCheckpoint })
  for (let i = 0; i < 10_000; i += 97) expect(await again.retrieve(`key ${i}`)).toEqual(new Uint8Array(content(i)))
  await again.close()
})
