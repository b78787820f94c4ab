import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundledProgram } from '@stt/testing'
import { expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode } from './nodes.ts'

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'cluster-process.ts'))

test('workers of node:cluster dial over UDP each with a socket of its own, and cannot share one to listen', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const child = fork(PROGRAM, [server.addresses[0]!], {
    env: { ...process.env, STT_TEST_SEED: seed.toHex() },
    execArgv: ['--enable-source-maps'],
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
