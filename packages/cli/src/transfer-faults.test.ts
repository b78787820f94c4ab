import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { killRound } from '../test/kill-rounds.ts'
import { type Machine, pairedMachines, receiverAt, type StartOptions, temporaryFolder } from '../test/stt.ts'

let here: Machine
let there: Machine
let from: string
let into: string
beforeEach(async () => {
  ;[here, there] = await pairedMachines()
  from = temporaryFolder()
  into = join(temporaryFolder(), 'in')
  mkdirSync(into)
})

const receiver = (args?: readonly string[], options?: StartOptions): ReturnType<typeof receiverAt> =>
  receiverAt(here, into, args, options)

const sendTo = (address: string, ...args: readonly string[]) =>
  there.run(['send', '--to', 'here', '--json', '--address', address, ...args])

/** Runs a command with the folder on its own disk, which other processes do not see. */
const onDisk = (options: string): StartOptions => ({
  within: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o ${options} stt "$0" && exec "$@"`, into],
})
const canMount = process.platform === 'linux' && spawnSync('unshare', ['--mount', 'true']).status === 0
const skipped = canMount ? '' : ': SKIPPED, only root on Linux can mount a disk for it'

test.each(['send', 'receive'] as const)(
  'kill -9 of stt %s, and the same again: the tree is whole, and little was sent twice',
  async victim => {
    await killRound(victim)
  },
)

test.skipIf(!canMount)(`a full disk is told at both ends${skipped}`, async () => {
  writeFileSync(join(from, 'large'), randomBytes(6_000_000))
  const receiving = await receiver([], onDisk('size=2m'))
  const sent = await sendTo(receiving.address, join(from, 'large'))
  expect([sent.code, await receiving.exit]).toEqual([1, 1])
  expect(sent.lines.at(-1)).toMatchObject({
    type: 'error',
    message: 'the receiver gave up: its disk: no space left on device',
  })
  expect(receiving.lines.at(-1)).toMatchObject({
    type: 'error',
    message: `cannot write in ${into}: no space left on device`,
  })
})

test.skipIf(!canMount)(`a folder that cannot be written in is told before anybody waits${skipped}`, async () => {
  const run = here.start(['receive', 'there', '--into', into], onDisk('ro'))
  expect([await run.exit, run.stderr]).toEqual([1, `stt: cannot receive into ${into}: read-only file system\n`])
})

test('what is no folder cannot be received into, and what is not there cannot be sent', async () => {
  writeFileSync(join(from, 'file'), '')
  const run = await here.run(['receive', 'there', '--into', join(from, 'file')])
  expect(run).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^stt: cannot receive into .*file already exists\n$/),
  })
  const nobody = await here.run(['receive', 'nobody', '--into', join(from, 'new')])
  expect([nobody.code, readdirSync(from)]).toEqual([2, ['file']])
  const sent = await there.run(['send', join(from, 'nothing'), '--to', 'here', '--address', 'ws://127.0.0.1:9'])
  expect(sent).toMatchObject({ code: 2, stderr: expect.stringContaining('no such file or directory') })
  mkdirSync(join(from, 'other'))
  writeFileSync(join(from, 'other/file'), '')
  const twice = await there.run(['send', join(from, 'file'), join(from, 'other/file'), '--to', 'here'])
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('would both be file') })
})

test('a file that changes while it is sent is not taken, and the next time it is', async () => {
  const path = join(from, 'log')
  writeFileSync(path, randomBytes(4_000_000))
  const receiving = await receiver()
  const sending = there.start(['send', path, '--to', 'here', '--address', receiving.address, '--limit', '2M', '--json'])
  await expect.poll(() => readdirSync(into).some(name => statSync(join(into, name)).size > 0)).toBe(true)
  appendFileSync(path, 'more')
  expect([await sending.exit, await receiving.exit]).toEqual([5, 5])
  expect(sending.lines).toContainEqual(
    expect.objectContaining({ outcome: 'failed', reason: expect.stringContaining('it changed') }),
  )
  expect(readdirSync(into)).toEqual([expect.stringMatching(/\.part$/)])
  const again = await receiver()
  expect([(await sendTo(again.address, path)).code, await again.exit]).toEqual([0, 0])
  expect(readFileSync(join(into, 'log')).equals(readFileSync(path))).toBe(true)
  // All but the end was there.
  expect(await again.line('received')).toMatchObject({
    receivedBytes: expect.toSatisfy((bytes: number) => bytes < 4_000_000),
  })
})

test('names that are not UTF-8 and what is no file are left out, and named', async () => {
  mkdirSync(join(from, 'tree'))
  writeFileSync(Buffer.concat([Buffer.from(`${from}/tree/`), Buffer.of(0xff, 0xfe)]), 'x')
  execFileSync('mkfifo', [join(from, 'tree/pipe')])
  const receiving = await receiver()
  const sent = await sendTo(receiving.address, join(from, 'tree'))
  expect([sent.code, await receiving.exit]).toEqual([5, 0])
  const reasons = sent.lines.flatMap(line => (line.type === 'file' ? [line.reason] : []))
  expect(reasons.sort()).toEqual(['its name is not UTF-8', 'neither file nor folder'])
  expect(readdirSync(join(into, 'tree'))).toEqual([])
})

test('2,000 small files go together, and only what is missing goes again', async () => {
  mkdirSync(join(from, 'tree'))
  for (let i = 0; i < 2_000; i++) writeFileSync(join(from, 'tree', `file ${i}`), `${i}`.repeat(100))
  const receiving = await receiver()
  expect([(await sendTo(receiving.address, join(from, 'tree'))).code, await receiving.exit]).toEqual([0, 0])
  expect(await receiving.line('received')).toMatchObject({ files: 2_000, same: 0 })
  rmSync(join(into, 'tree/file 77'))
  const again = await receiver()
  const sent = await sendTo(again.address, join(from, 'tree'))
  expect([sent.code, await again.exit]).toEqual([0, 0])
  expect(await again.line('received')).toMatchObject({ files: 1, same: 1_999, receivedBytes: 200 })
})

test('a reader of the lines that goes away ends stt send, and the receiver waits for the same again', async () => {
  for (let i = 0; i < 500; i++) writeFileSync(join(from, `${i}`), randomBytes(5_000))
  const paths = readdirSync(from).map(name => join(from, name))
  const receiving = await receiver()
  const cut = there.start([
    'send',
    '--to',
    'here',
    '--json',
    '--limit',
    '500k',
    '--address',
    receiving.address,
    ...paths,
  ])
  await cut.line('file')
  cut.child.stdout!.destroy()
  expect([await cut.exit, cut.stderr]).toEqual([141, ''])
  await receiving.line('broken')
  expect([(await sendTo(receiving.address, ...paths)).code, await receiving.exit]).toEqual([0, 0])
  expect(readdirSync(into).length).toBe(500)
})

test('--keep serves one after the other, --once ends with what it got, and SIGTERM ends waiting', async () => {
  writeFileSync(join(from, 'a'), 'a')
  writeFileSync(join(from, 'b'), randomBytes(3_000_000))
  const keeping = await receiver(['--keep'])
  expect((await sendTo(keeping.address, join(from, 'a'))).code).toBe(0)
  expect((await sendTo(keeping.address, join(from, 'a'))).lines.at(-1)).toMatchObject({ same: 1 })
  keeping.child.kill('SIGTERM')
  expect(await keeping.exit).toBe(143)

  const once = await receiver(['--once'])
  const sending = there.start(['send', join(from, 'b'), '--to', 'here', '--address', once.address, '--limit', '1M'])
  await expect.poll(() => readdirSync(into).length).toBe(2)
  sending.child.kill('SIGINT')
  expect([await sending.exit, await once.exit]).toEqual([130, 1])
})
