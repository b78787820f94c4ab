import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { mutants } from './list.ts'
import { runMutant } from './run-mutant.ts'
import { runWithin } from './time-limit.ts'

/** Starts another process that holds the same output, says so, and stands still with it. */
const HANGS = `
require('node:child_process').spawn(process.execPath, ['-e', 'console.log("up"); for (;;);'], { stdio: 'inherit' })
  .once('spawn', () => { for (;;); })
`

test('a program that hangs is ended with what it started', async () => {
  let child: ChildProcess | undefined
  const ended = runWithin(2_000, process.execPath, ['-e', HANGS], {
    stdio: ['ignore', 'pipe', 'ignore'],
    onStarted: started => {
      child = started
    },
  })
  child!.stdout!.resume()
  // Its output is closed when nobody holds it any more.
  const closed = once(child!.stdout!, 'close')
  expect(await ended).toBe(false)
  await closed
})

test('a program that ends is not', async () => {
  expect(await runWithin(60_000, process.execPath, ['-e', ''])).toBe(true)
  expect(await runWithin(Number.POSITIVE_INFINITY, process.execPath, ['-e', ''])).toBe(true)
  await expect(runWithin(60_000, 'no-such-program', [])).rejects.toThrow('no-such-program')
})

test('a mutant whose tests take too long is killed, by time', async () => {
  expect(await runMutant(mutants[0]!, 1)).toEqual({ outcome: 'killed', detail: expect.stringMatching(/^by time: /) })
})
