import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Repository } from './repository.ts'
import { RULES } from './rules/index.ts'

const { values, positionals } = parseArgs({
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('../../..', import.meta.url)) },
    // Builds what the rules look at.
    build: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.filter(name => !RULES.some(rule => rule.name === name))
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are ${RULES.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const repository = new Repository(values.root.replace(/[\\/]$/, ''))
const rules = RULES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (rules.some(rule => rule.needsBuild)) {
  if (values.build) {
    const { status, output } = await repository.pnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'])
    if (status !== 0) {
      console.error(output)
      process.exit(1)
    }
  }
  if (!repository.packages.every(({ path }) => existsSync(join(path, 'dist')))) {
    console.error('some packages are not built: npm run check builds them')
  }
}

let broken = 0
for (const rule of rules) {
  const started = performance.now()
  const problems = await rule.check(repository)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${rule.name.padEnd(10)} ${seconds.padStart(5)} s  ${rule.claim}`,
  )
  for (const problem of problems) console.log(`       ${problem.replaceAll('\n', '\n       ')}`)
  if (problems.length > 0) broken += 1
}
console.log(broken === 0 ? `all ${rules.length} checks hold` : `${broken} of ${rules.length} checks fail`)
process.exitCode = broken === 0 ? 0 : 1
