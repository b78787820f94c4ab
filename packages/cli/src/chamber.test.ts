import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Chamber } from '@stt/chamber'
import { expect, test } from 'vitest'
import { Machine, type StartOptions, temporaryFolder } from '../test/stt.ts'
import type { ObjectLine } from './json-lines.ts'

const machine = new Machine('/nowhere')
const environment = { STT_PASSPHRASE: 'four words of a test' }
const stt = (args: readonly string[], options: StartOptions = {}) =>
  machine.run(['chamber', ...args], { environment, ...options })

/** A chamber whose passphrase costs a fraction of what one that the command makes does. */
async function cheapChamber(path: string, keys: readonly string[] = []): Promise<void> {
  const passphrase = environment.STT_PASSPHRASE
  const chamber = await Chamber.open({ path, id: 'stt', passphrase, argon2id: { memory: 8_192, passes: 1, lanes: 1 } })
  for (const key of keys) await chamber.store(key, Buffer.from('new'))
  await chamber.close()
}

const objectsOf = (lines: readonly { type: string }[]): readonly ObjectLine[] =>
  lines.filter((line): line is ObjectLine => line.type === 'object')

/** The files of a chamber's objects, the smallest first. */
function objectFiles(vault: string): string[] {
  const [scope] = readdirSync(vault)
  const folder = join(vault, scope!, 'obj')
  return readdirSync(folder)
    .map(name => join(folder, name))
    .sort((one, other) => statSync(one).size - statSync(other).size)
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  writeFileSync(file, bytes)
}

test('a folder of 500 files goes in and comes out; damage in 20 places is named, key by key, and no other key', async () => {
  const folder = temporaryFolder()
  const files = join(folder, 'files')
  const names = Array.from({ length: 500 }, (_, i) => `${i % 10}/${String(i).padStart(3, '0')}`)
  for (let i = 0; i < 10; i++) mkdirSync(join(files, String(i)), { recursive: true })
  // Each of a size of its own, so that its object is known by that.
  for (const [i, name] of names.entries()) writeFileSync(join(files, name), randomBytes(i * 200))
  const vault = join(folder, 'vault')
  await cheapChamber(vault)
  const put = await stt(['put', vault, files, '--json'])
  expect(put).toMatchObject({ code: 0, stderr: '' })
  expect(put.lines.at(-1)).toEqual({ type: 'stored', objects: 500, bytes: (499 * 500 * 200) / 2, failed: 0 })
  expect((await stt(['check', vault])).stdout).toMatch(
    /^checked 500 objects, 23\.8 MiB: everything is what was stored$/m,
  )

  const objects = objectFiles(vault)
  const damage: ((file: string, size: number) => void)[] = [
    file => flip(file, 0),
    file => flip(file, -1),
    (file, size) => flip(file, size >> 1),
    (file, size) => truncateSync(file, size - 1),
    file => truncateSync(file, 0),
    file => rmSync(file),
    file => appendFileSync(file, 'x'),
  ]
  const damaged = new Set<number>()
  for (let count = 0; count < 18; count++) {
    const place = 20 + count * 26
    const file = objects[place]!
    damage[count % damage.length]!(file, statSync(file).size)
    damaged.add(place)
  }
  // Two that were exchanged are two that are not what was stored.
  renameSync(objects[11]!, `${objects[11]}.x`)
  renameSync(objects[12]!, objects[11]!)
  renameSync(`${objects[11]}.x`, objects[12]!)
  for (const place of [11, 12]) damaged.add(place)

  const check = await stt(['check', vault, '--json'])
  const named = objectsOf(check.lines)
  expect(check.code).toBe(1)
  expect(named.map(({ key }) => key).sort()).toEqual([...damaged].map(place => `files/${names[place]}`).sort())
  expect(named.every(({ outcome, reason }) => outcome === 'damaged' && reason)).toBe(true)
  expect(check.lines.at(-1)).toMatchObject({ type: 'checked', objects: 500, damaged: 20 })
  const text = await stt(['check', vault])
  expect([text.code, text.stdout.match(/^damaged: files\/./gm)?.length]).toEqual([1, 20])

  // All others come out as they were, and of those none.
  const out = join(folder, 'out')
  const got = await stt(['get', vault, '--into', out, '--json'])
  expect(got.code).toBe(5)
  expect(got.lines.at(-1)).toMatchObject({ type: 'fetched', objects: 480, failed: 20 })
  for (const [i, name] of names.entries()) {
    const path = join(out, 'files', name)
    expect(existsSync(path) ? readFileSync(path).equals(readFileSync(join(files, name))) : 'missing').toBe(
      damaged.has(i) ? 'missing' : true,
    )
  }
  expect(readdirSync(out, { recursive: true }).filter(name => String(name).endsWith('.part'))).toEqual([])
})

test('modes, times, one key, a range, stdin and stdout', async () => {
  const folder = temporaryFolder()
  const vault = join(folder, 'vault')
  await cheapChamber(vault)
  const file = join(folder, 'run.sh')
  writeFileSync(file, '0123456789', { mode: 0o750 })
  utimesSync(file, 1_000_000, 1_000_000)
  symlinkSync('run.sh', join(folder, 'link'))
  expect(await stt(['put', vault, file])).toMatchObject({ code: 0, stdout: 'stored 1 object, 10 B in all\n' })
  const bytes = randomBytes(300_000)
  expect(await stt(['put', vault, '-', '--as', 'from/stdin'], { input: bytes })).toMatchObject({ code: 0 })
  const all = await stt(['get', vault, 'from/stdin', '--stdout'])
  expect([all.code, all.bytes.equals(bytes)]).toEqual([0, true])
  const part = await stt(['get', vault, 'run.sh', '--stdout', '--range', '3-5'])
  expect([part.code, part.stdout]).toEqual([0, '345'])
  expect((await stt(['get', vault, 'from/stdin', '--stdout', '--range', '299999-'])).bytes).toEqual(bytes.subarray(-1))
  const out = join(folder, 'out')
  expect(await stt(['get', vault, 'run.sh', 'from', '--into', out])).toMatchObject({ code: 0 })
  expect(statSync(join(out, 'run.sh'))).toMatchObject({ mtimeMs: 1_000_000_000, size: 10 })
  expect(statSync(join(out, 'run.sh')).mode & 0o777).toBe(0o750)
  expect(readFileSync(join(out, 'from/stdin')).equals(bytes)).toBe(true)

  const list = await stt(['list', vault, '--json'])
  expect(objectsOf(list.lines).map(({ key, size }) => [key, size])).toEqual([
    ['from/stdin', 300_000],
    ['run.sh', 10],
  ])
  expect((await stt(['list', vault, 'from/', '--quiet'])).stdout).toBe('from/stdin\n')
  const below = await stt(['delete', vault, 'from'])
  expect(below).toMatchObject({ code: 5, stderr: expect.stringContaining('there is no key from, but 1 below it: --recursive') }) // biome-ignore format: one line
  expect(await stt(['delete', vault, 'from', '--recursive'])).toMatchObject({ code: 0, stdout: 'deleted 1 object\n' })
  expect((await stt(['list', vault, '--quiet'])).stdout).toBe('run.sh\n')
})

test('what lies in a folder is not replaced, and no key of a chamber leaves it', async () => {
  const folder = temporaryFolder()
  const vault = join(folder, 'vault')
  await cheapChamber(vault, ['../evil', '/evil', 'link/evil', 'there', '\u001b[2J'])
  const out = join(folder, 'out')
  mkdirSync(out)
  mkdirSync(join(folder, 'outside'))
  symlinkSync(join(folder, 'outside'), join(out, 'link'))
  writeFileSync(join(out, 'there'), 'old')
  const got = await stt(['get', vault, '--into', out])
  expect(got.code).toBe(5)
  expect(got.stderr).not.toContain('\u001b')
  expect(readdirSync(folder).sort()).toEqual(['out', 'outside', 'vault'])
  expect([readdirSync(join(folder, 'outside')), readFileSync(join(out, 'there'), 'utf8')]).toEqual([[], 'old'])
  expect(await stt(['get', vault, 'there', '--into', out, '--overwrite'])).toMatchObject({ code: 0 })
  expect(readFileSync(join(out, 'there'), 'utf8')).toBe('new')
})

test('what cannot be done says what to do', async () => {
  const folder = temporaryFolder()
  const vault = join(folder, 'vault')
  const other = join(folder, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'file'), 'x')
  const [missing, taken, none, twice, range] = await Promise.all([
    stt(['list', vault]),
    stt(['put', other, join(other, 'file')]),
    stt(['delete', vault, 'a']),
    stt(['get', vault, 'a', 'b', '--stdout']),
    stt(['get', vault, 'a', '--stdout', '--range', '9-1']),
  ])
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no chamber in') })
  expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining('holds something, and no chamber') })
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no chamber in') })
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('--stdout takes one KEY') })
  expect(range).toMatchObject({ code: 2, stderr: expect.stringContaining('It takes the first byte and the last') })
  expect(existsSync(vault)).toBe(false)
  expect(readdirSync(other)).toEqual(['file'])

  expect(await stt(['put', vault, join(other, 'file')])).toMatchObject({ code: 0 })
  expect(await stt(['list', vault, '--quiet'])).toMatchObject({ code: 0, stdout: 'file\n' })
  rmSync(vault, { recursive: true })
  await cheapChamber(vault, ['file'])
  const wrong = await stt(['list', vault], { environment: { STT_PASSPHRASE: 'another' } })
  expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('passphrase of') })
  const unsaid = await stt(['list', vault], { environment: {} })
  expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining('set STT_PASSPHRASE') })
  const writer = await Chamber.open({ path: vault, id: 'stt', passphrase: environment.STT_PASSPHRASE })
  const [locked, read] = [await stt(['delete', vault, 'file']), await stt(['list', vault, '--quiet'])]
  await writer.close()
  expect(locked).toMatchObject({ code: 4, stderr: expect.stringContaining('another process is writing') })
  expect(read).toMatchObject({ code: 0, stdout: 'file\n' })
})
