import { createHash, randomBytes, randomInt } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { CountingProxy } from './counting-proxy.ts'
import { pairedMachines, type Run, receiverAt, temporaryFolder } from './stt.ts'

/** Names, sizes and contents below a folder, in one text. */
export function treeOf(folder: string): string {
  const hash = createHash('blake2b512')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name)
    hash.update(`${name}\0`)
    if (statSync(path).isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

/**
 * Sends a tree, kills one end in the middle, and runs the same again.
 *
 * @param victim which end is killed, at a moment that is drawn at random
 */
export async function killRound(victim: 'send' | 'receive'): Promise<void> {
  const [here, there] = await pairedMachines()
  const [from, into] = [temporaryFolder(), join(temporaryFolder(), 'in')]
  mkdirSync(join(from, 'tree/small'), { recursive: true })
  writeFileSync(join(from, 'tree/large'), randomBytes(LARGE))
  for (let i = 0; i < 100; i++) writeFileSync(join(from, 'tree/small', String(i)), randomBytes(1_000))

  let receiving = await receiverAt(here, into)
  const proxy = await CountingProxy.before(receiving.address)
  const send = (): Run =>
    there.start(['send', '--to', 'here', '--address', proxy.address, '--limit', '24M', '--json', join(from, 'tree')])
  const sending = send()
  const until = randomInt(LARGE)
  while (proxy.bytes < until) await delay(5)
  const killed = victim === 'send' ? sending : receiving
  killed.child.kill('SIGKILL')
  expect(await killed.exit).toBe(-9)
  if (victim === 'receive') {
    receiving = await receiverAt(here, into)
    proxy.leadTo(receiving.address)
  }
  const finishing = victim === 'send' ? send() : sending
  const [code, received] = [await finishing.exit, await receiving.exit]
  expect([code, received, finishing.stderr, receiving.stderr]).toEqual([0, 0, '', ''])
  expect(treeOf(join(into, 'tree'))).toBe(treeOf(join(from, 'tree')))
  expect(readdirSync(into)).toEqual(['tree'])
  const once = LARGE + 100 * 1_000
  // What carries it is some percent more than what is carried.
  expect(proxy.bytes / 1.03 - once, `killed after ${until} bytes`).toBeLessThanOrEqual(8 * 1_048_576)
}

const LARGE = 16_000_000
