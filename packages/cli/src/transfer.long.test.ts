import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killRound } from '../test/kill-rounds.ts'
import { pairedMachines, receiverAt, temporaryFolder } from '../test/stt.ts'

test('50 times kill -9 of either end, and the same again', { timeout: 1_800_000 }, async () => {
  for (let round = 0; round < 50; round++) await killRound(round % 2 === 0 ? 'send' : 'receive')
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
