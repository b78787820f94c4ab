import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loopbackWithGroups } from '@stt/testing'
import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, test } from 'vitest'
import { Machine, type Run, temporaryFolder } from '../test/stt.ts'

test('the example in the README runs', async () => {
  expect(await runReadmeExamples(import.meta.url)).toBe(1)
})

interface Step {
  readonly machine: 'here' | 'there'
  readonly words: readonly string[]
  readonly expected: readonly string[]
}

/** The commands of the README's first minutes, each with the lines that it prints; `…` stands for anything. */
function stepsOf(readme: string): Step[] {
  const steps: { machine: 'here' | 'there'; words: string[]; expected: string[] }[] = []
  for (const [, block] of readme.matchAll(/```console\n(.*?)```/gs)) {
    for (const line of block!.trimEnd().split('\n')) {
      const [, machine, command] = /^(here|there)\$ stt (.*)$/.exec(line) ?? []
      if (command) steps.push({ machine: machine as 'here' | 'there', words: command.split(' '), expected: [] })
      else if (line !== '…') steps.at(-1)!.expected.push(line)
    }
  }
  return steps
}

const patternOf = (line: string): RegExp =>
  new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`, 'm')

test('the five minutes of a new user are what the README says', async () => {
  const steps = stepsOf(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))
  expect(steps.map(({ words }) => words[0])).toEqual(['pair', 'pair', 'receive', 'send'])
  const machines = { here: new Machine(), there: new Machine() }
  const folders = { here: temporaryFolder(), there: temporaryFolder() }
  mkdirSync(join(folders.here, 'photos'))
  for (const name of ['one', 'two']) writeFileSync(join(folders.here, 'photos', name), randomBytes(786_432))

  const loopback = await loopbackWithGroups()
  const printed: string[] = []
  let receiving: Run | undefined
  for (const { machine, words, expected } of steps) {
    const found = { ID: /--peer ([0-9a-f]{64})/, URL: /--address (ws:\S+)/, phrase: /^ {4}(.{4}(?:-.{4}){5})$/m }
    const last = (what: keyof typeof found): string => found[what].exec(printed.join('\n'))![1]!
    const args = words.map(word => (word === 'ID' || word === 'URL' ? last(word) : word))
    // Only on loopback, so other machines see no packet of a test.
    if (args[0] === 'receive') args.push('--listen', 'ws://127.0.0.1:0')
    if (args[0] === 'send' && loopback === undefined) args.push('--address', last('URL'))
    const environment = { STT_LAN: loopback ?? 'none' }
    const input = args.includes('--phrase') ? last('phrase') : ''
    const run = machines[machine].start(args, { input, cwd: folders[machine], environment })
    if (args[0] === 'receive') {
      receiving = run
      await expect.poll(() => run.stderr).toMatch(found.URL)
    } else expect(await run.exit, run.stderr).toBe(0)
    if (args[0] === 'send') expect(await receiving!.exit).toBe(0)
    const others = expected.filter(line => line.startsWith('there: '))
    for (const line of expected.filter(each => !others.includes(each))) expect(run.stdout + run.stderr).toMatch(patternOf(line)) // biome-ignore format: one line
    for (const line of others) expect(receiving!.stdout).toMatch(patternOf(line.slice('there: '.length)))
    printed.push(run.stdout, run.stderr)
  }
  for (const name of ['one', 'two']) {
    const [sent, received] = [join(folders.here, 'photos', name), join(folders.there, 'inbox/photos', name)]
    expect(readFileSync(received).equals(readFileSync(sent))).toBe(true)
  }
})
