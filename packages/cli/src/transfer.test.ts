import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Machine, pairedMachines, receiverAt, type StartOptions, temporaryFolder } from '../test/stt.ts'

let here: Machine
let there: Machine
let from: string
let into: string
beforeEach(async () => {
  ;[here, there] = await pairedMachines()
  from = temporaryFolder()
  into = join(temporaryFolder(), 'in box')
})

const receiver = (args?: readonly string[], options?: StartOptions): ReturnType<typeof receiverAt> =>
  receiverAt(here, into, args, options)

const sendTo = (address: string, ...args: readonly string[]) =>
  there.run(['send', '--to', 'here', '--address', address, ...args])

const filesOf = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

test('a folder arrives as it was: contents, modes, times, empty and sparse files, awkward names', async () => {
  const names = [
    'plain',
    ' space ',
    'new\nline',
    '\x1b[31mred',
    'quote\'"',
    '-rf',
    '日本語',
    '🦀',
    'back\\slash',
    'CON',
    'é',
    'e\u0301',
  ]
  mkdirSync(join(from, 'tree/empty/deep'), { recursive: true })
  for (const name of names) writeFileSync(join(from, 'tree', name), name.repeat(10))
  writeFileSync(join(from, 'tree/large'), randomBytes(3_500_001))
  writeFileSync(join(from, 'tree/empty file'), '')
  writeFileSync(join(from, 'tree/sparse'), 'begin')
  truncateSync(join(from, 'tree/sparse'), 20_000_000)
  chmodSync(join(from, 'tree/plain'), 0o754)
  utimesSync(join(from, 'tree/plain'), 1_000_000_000, 1_000_000_000)
  utimesSync(join(from, 'tree/empty'), 1_000_000_000, 1_000_000_000)

  const receiving = await receiver()
  const sent = await sendTo(receiving.address, '--json', join(from, 'tree'))
  expect([sent.code, await receiving.exit]).toEqual([0, 0])
  expect(filesOf(into)).toEqual(filesOf(from))
  for (const name of [...names, 'large', 'empty file', 'sparse']) {
    expect(readFileSync(join(into, 'tree', name)).equals(readFileSync(join(from, 'tree', name)))).toBe(true)
  }
  expect(statSync(join(into, 'tree/plain'))).toMatchObject({ mode: 0o100754, mtimeMs: 1_000_000_000_000 })
  expect(statSync(join(into, 'tree/empty')).mtimeMs).toBe(1_000_000_000_000)
  expect(statSync(join(into, 'tree/sparse')).blocks).toBeLessThan(2_000)
  const { receivedBytes, files } = await receiving.line('received')
  expect([files, receivedBytes < 4_000_000]).toEqual([names.length + 3, true])

  // The second time no file is sent or replaced.
  const again = await receiver()
  const same = await sendTo(again.address, '--json', join(from, 'tree'))
  expect([same.code, await again.exit]).toEqual([0, 0])
  expect(same.lines.at(-1)).toMatchObject({ type: 'sent', files: 0, same: names.length + 3 })
  expect(await again.line('received')).toMatchObject({ receivedBytes: 0 })
})

test('no name of a peer reaches a terminal as it is, and results are one line', async () => {
  writeFileSync(join(from, '\x1b]0;owned\x07\u202e'), 'x')
  mkdirSync(into)
  writeFileSync(join(into, '\x1b]0;owned\x07\u202e'), 'other')
  const run = here.start(['receive', 'there', '--into', into, '--listen', 'ws://127.0.0.1:0'])
  await expect.poll(() => run.stderr).toMatch(/--address ws:\S+\n/)
  const [, address] = /--address (ws:\S+)\n/.exec(run.stderr)!
  const sent = await sendTo(address!, join(from, '\x1b]0;owned\x07\u202e'))
  expect([sent.code, await run.exit]).toEqual([5, 5])
  for (const text of [run.stdout, run.stderr, sent.stdout, sent.stderr]) expect(text).not.toMatch(/[^\P{C}\n]/u)
  expect(run.stderr).toContain('\\u{1b}]0;owned\\u{7}\\u{202e}')
  expect(sent.stdout).toMatch(/^sent 0 of 1 file, 1 B in all; 1 is named above\n$/)
})

test('no file is replaced unless told, and none that is no file ever', async () => {
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(from, name), `new ${name}`)
  mkdirSync(join(into, 'c'), { recursive: true })
  writeFileSync(join(into, 'a'), 'old a')
  writeFileSync(join(into, 'b'), 'new b')
  symlinkSync('/etc/passwd', join(into, 'd'))
  const paths = ['a', 'b', 'c', 'd'].map(name => join(from, name))
  const receiving = await receiver()
  const sent = await sendTo(receiving.address, '--json', ...paths)
  expect([sent.code, await receiving.exit]).toEqual([5, 5])
  const outcomes = Object.fromEntries(
    sent.lines.flatMap(line => (line.type === 'file' ? [[line.path, line.outcome]] : [])),
  )
  expect(outcomes).toEqual({ a: 'failed', b: 'same', c: 'refused', d: 'refused' })
  expect(readFileSync(join(into, 'a'), 'utf8')).toBe('old a')

  const replacing = await receiver(['--overwrite'])
  expect([(await sendTo(replacing.address, ...paths)).code, await replacing.exit]).toEqual([5, 5])
  expect(readFileSync(join(into, 'a'), 'utf8')).toBe('new a')
  expect(lstatSync(join(into, 'd')).isSymbolicLink()).toBe(true)
  expect(filesOf(into)).toEqual(['a', 'b', 'c', 'd'])
})

test('with --quiet both sides name what was not taken, so that the summary says where to look', async () => {
  writeFileSync(join(from, 'a'), 'new')
  mkdirSync(into)
  writeFileSync(join(into, 'a'), 'that is there')
  symlinkSync('a', join(from, 'link'))
  const receiving = await receiverAt(here, into)
  const sent = await there.run([
    'send',
    join(from, 'a'),
    from,
    '--to',
    'here',
    '--address',
    receiving.address,
    '--quiet',
  ])
  const name = basename(from)
  expect(sent).toMatchObject({
    code: 5,
    stdout: 'sent 1 of 2 files, 6 B in all; 2 are named above\n',
    stderr: `stt: not sent: ${name}/link: a symbolic link\nstt: refused: a: a file of that name is there already (--overwrite replaces it)\n`,
  })
  await receiving.exit
  const again = here.start(['receive', 'there', '--into', into, '--listen', receiving.address, '--quiet'])
  await there.run(['send', join(from, 'a'), '--to', 'here', '--address', receiving.address])
  expect([await again.exit, again.stderr]).toEqual([5, expect.stringMatching(/^stt: not received: a: .*\n$/)])
  expect(again.stdout).toMatch(/^received 0 files in .*; 1 is named above\n$/)
})

test('a symbolic link in the tree is not followed, at either end, nor one in the place of a part', async () => {
  const outside = temporaryFolder()
  mkdirSync(join(from, 'tree/way'), { recursive: true })
  writeFileSync(join(from, 'tree/way/file'), 'x')
  symlinkSync('/etc', join(from, 'tree/etc'))
  mkdirSync(join(into, 'tree'), { recursive: true })
  symlinkSync(outside, join(into, 'tree/way'))
  const receiving = await receiver()
  const sent = await sendTo(receiving.address, join(from, 'tree'))
  expect([sent.code, await receiving.exit]).toEqual([5, 5])
  expect(sent.stderr).toContain('tree/etc: a symbolic link')
  expect(readdirSync(outside)).toEqual([])
  expect(filesOf(join(into, 'tree'))).toEqual(['way'])
})

test('a part goes on where it was, and one that is no part of the file begins anew', async () => {
  const bytes = randomBytes(6_000_000)
  writeFileSync(join(from, 'file'), bytes)
  const first = await receiver()
  const cut = there.start([
    'send',
    '--to',
    'here',
    '--address',
    first.address,
    '--limit',
    '4M',
    '--json',
    join(from, 'file'),
  ])
  await first.line('progress')
  await expect.poll(() => filesOf(into).some(name => statSync(join(into, name)).size > 2_000_000)).toBe(true)
  cut.child.kill('SIGINT')
  expect(await cut.exit).toBe(130)
  const broken = await first.line('broken')
  const [part] = filesOf(into)
  expect(part).toMatch(/^\.stt-[0-9a-f]{20}\.part$/)
  // The receiver waits for the same again.
  const sent = await sendTo(first.address, '--json', join(from, 'file'))
  expect([sent.code, await first.exit]).toEqual([0, 0])
  const { receivedBytes } = await first.line('received')
  expect(broken.receivedBytes + receivedBytes - bytes.length).toBeLessThanOrEqual(8 * 1_048_576)
  expect(receivedBytes).toBeLessThan(4_500_000)
  expect(filesOf(into)).toEqual(['file'])
  expect(readFileSync(join(into, 'file')).equals(bytes)).toBe(true)

  // A part that a hard link leads to elsewhere, and one of another content.
  const victim = join(temporaryFolder(), 'victim')
  writeFileSync(victim, 'kept')
  writeFileSync(join(from, 'file'), bytes.subarray(0, 100_000))
  const other = join(into, 'file')
  rmSync(other)
  linkSync(victim, join(into, part!))
  const second = await receiver()
  expect([(await sendTo(second.address, join(from, 'file'))).code, await second.exit]).toEqual([0, 0])
  expect(readFileSync(victim, 'utf8')).toBe('kept')
  expect(readFileSync(other).equals(bytes.subarray(0, 100_000))).toBe(true)
  expect(existsSync(join(into, part!))).toBe(false)
})

test('a second receive of the pairing into the folder is refused; a verb that does not fit is told', async () => {
  const receiving = await receiver()
  const second = await here.run(['receive', 'there', '--into', into])
  expect(second).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('another stt receive there is receiving into'),
  })
  const pipe = await there.run(['pipe', 'here', '--address', receiving.address])
  expect(pipe).toMatchObject({ code: 4, stderr: expect.stringContaining('here runs stt receive: run there stt pipe') })
  receiving.child.kill('SIGTERM')
  expect(await receiving.exit).toBe(143)
})
