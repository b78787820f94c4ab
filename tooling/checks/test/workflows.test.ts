import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

/** What a workflow runs of this repository: `[npm run, site]`. */
const commandsOf = (workflow: string): [string, string][] => {
  const text = readFileSync(new URL(`.github/workflows/${workflow}`, root), 'utf8')
  return [...text.matchAll(/(npm run|npm test|node tooling\/run\.mjs)(?: ([\w:]+))?/g)].map(([, command, name]) => [
    command!,
    name ?? 'test',
  ])
}

test.each(readdirSync(new URL('.github/workflows', root)))('%s runs what there is', workflow => {
  const { stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('tooling/run.mjs', root))], {
    encoding: 'utf8',
  })
  const tasks = stderr
    .trim()
    .replace(/^.*run\.mjs /, '')
    .split(' | ')
  expect(tasks).toContain('site')
  const commands = commandsOf(workflow)
  expect(commands.length).toBeGreaterThan(0)
  const missing = commands.filter(([command, name]) =>
    command.startsWith('npm') ? !(name in scripts) : !tasks.includes(name),
  )
  expect(missing).toEqual([])
})
