import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killRound, treeOf } from '../test/kill-rounds.ts'
import { pairedMachines, receiverAt, temporaryFolder } from '../test/stt.ts'

test('50 times kill -9 of either end, and the same again', { timeout: 1_800_000 }, async () => {
  for (let round = 0; round < 50; round++) await killRound(round % 2 === 0 ? 'send' : 'receive')
})

test('10,000 small files arrive, and the second time none is sent', { timeout: 600_000 }, async () => {
  const [here, there] = await pairedMachines()
  const [from, into] = [temporaryFolder(), temporaryFolder()]
  for (let i = 0; i < 10_000; i++) {
    if (i % 100 === 0) mkdirSync(join(from, 'tree', `${i}`), { recursive: true })
    writeFileSync(join(from, 'tree', `${i - (i % 100)}`, `${i}`), randomBytes(4_096))
  }
  for (const receivedBytes of [10_000 * 4_096, 0]) {
    const receiving = await receiverAt(here, into)
    const sent = await there.run(['send', join(from, 'tree'), '--to', 'here', '--address', receiving.address])
    expect([sent.code, await receiving.exit]).toEqual([0, 0])
    expect(await receiving.line('received')).toMatchObject({ receivedBytes })
  }
  expect(treeOf(join(into, 'tree'))).toBe(treeOf(join(from, 'tree')))
})

test('a sparse file of 5 GiB arrives sparse', { timeout: 600_000 }, async () => {
  const [here, there] = await pairedMachines()
  const [from, into] = [temporaryFolder(), temporaryFolder()]
  const file = openSync(join(from, 'disk'), 'w')
  ftruncateSync(file, 5 * 2 ** 30)
  for (const at of [0, 2 ** 31 + 5, 2 ** 32 + 1_000_001]) writeSync(file, 'block', at)
  closeSync(file)
  const receiving = await receiverAt(here, into)
  const sent = await there.run(['send', join(from, 'disk'), '--to', 'here', '--address', receiving.address])
  expect([sent.code, await receiving.exit]).toEqual([0, 0])
  const { size, blocks } = statSync(join(into, 'disk'))
  expect([size, blocks * 512 < 8 * 2 ** 20]).toEqual([5 * 2 ** 30, true])
  execFileSync('cmp', [join(from, 'disk'), join(into, 'disk')])
  expect((await receiving.line('received')).receivedBytes).toBeLessThan(2 ** 20)
})
