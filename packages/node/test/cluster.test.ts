import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode } from './nodes.ts'

test('workers of node:cluster dial over UDP each with a socket of its own, and cannot share one to listen', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const script = fileURLToPath(new URL('./cluster-process.ts', import.meta.url))
  const child = fork(script, [server.addresses[0]!], {
    env: { ...process.env, STT_TEST_SEED: seed.toHex() },
    execArgv: ['--conditions=@stt/source', '--import', 'tsx'],
  })
  const exited = once(child, 'exit')
  const [told] = (await Promise.race([once(child, 'message'), exited])) as [
    { dialed: number[][]; first: string; second: string },
  ]
  expect(told.dialed.map(trips => trips.length)).toEqual([2, 2])
  expect(told.first).toMatch(/^udp:/)
  expect(told.second).toMatch(/^STT_ADDRESS_IN_USE .*node:cluster.*a port of its own/)
  await exited
})
