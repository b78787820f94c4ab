// All that has to hold before a change lands, in at most 20 minutes. The last line is the count of all tests.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from './environment.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = join(root, '.reports')
const env = childEnvironment(process.env)
env.CI ??= 'true'

// Public test vectors that the repository does not carry. Without them their suites say that they were skipped.
const vectors = resolve(root, '../shared/vectors')
if (!env.STT_VECTORS && existsSync(vectors)) env.STT_VECTORS = vectors

/** Programs that the interop suites speak to, as Debian names them. */
const packages = [
  ...['chromium', 'firefox-esr', 'nginx-light', 'python3-websockets', 'python3-cryptography'],
  ...['iproute2', 'nftables', 'conntrack', 'avahi-daemon', 'redis-server', 'redis-tools'],
  ...['zsh', 'fish', 'tinyproxy', 'caddy'],
]

const run = (command, parameters) =>
  spawnSync(command, parameters, { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0

const quiet = (command, parameters) => spawnSync(command, parameters, { cwd: root, env, encoding: 'utf8' })

const isInstalled = name => /^Status: install ok installed$/m.test(quiet('dpkg', ['-s', name]).stdout ?? '')

const install = () => {
  if (quiet('apt-get', ['--version']).status !== 0) return skip('there is no apt-get')
  const missing = packages.filter(name => !isInstalled(name))
  if (missing.length === 0) return true
  if (process.getuid?.() !== 0) return skip(`not root, and these are missing: ${missing.join(' ')}`)
  env.DEBIAN_FRONTEND = 'noninteractive'
  return (
    run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing])
  )
}

const skip = why => {
  console.log(`SKIPPED: ${why}; interop suites whose program is not there will say so`)
  return true
}

const task =
  (name, ...parameters) =>
  () =>
    run(process.execPath, ['tooling/run.mjs', name, ...parameters])

/** Beside the one that is installed, which the suites run on. The hosted workflow has all of them. */
const OTHER_NODE = process.version.startsWith('v24.') ? '20' : '24'

const steps = [
  ['npm test', () => run('npm', ['test'])],
  ['the programs that interop suites need', install],
  // Before the suite that looks at its pages.
  ['site', task('site')],
  ['interop', task('interop')],
  [`READMEs and vectors on Node ${OTHER_NODE}`, task('versions', OTHER_NODE)],
  ['check', task('check')],
  ['repository', task('repository')],
  ['demo', task('demo')],
]

/** Adds up the counts of the vitest runs; a file that could not even be loaded is one failure. */
const count = () => {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const counts = existsSync(reports) ? readdirSync(reports).filter(name => name.endsWith('.json')) : []
  for (const file of counts) {
    const report = JSON.parse(readFileSync(join(reports, file), 'utf8'))
    total.passed += report.numPassedTests
    total.failed += report.numFailedTests
    total.skipped += report.numPendingTests + report.numTodoTests
    const broken = ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every(each => each.status !== 'failed')
    total.failed += report.testResults.filter(broken).length
  }
  return total
}

rmSync(reports, { recursive: true, force: true })
console.log(
  env.STT_VECTORS ? 'public vectors: found' : 'public vectors: STT_VECTORS is not set, their suites are skipped',
)
const broken = []
for (const [name, step] of steps) {
  console.log(`\n=== ${name}`)
  const started = performance.now()
  const held = step()
  console.log(`=== ${name}: ${held ? 'ok' : 'FAILED'} in ${Math.round((performance.now() - started) / 1000)} s`)
  if (!held) broken.push(name)
}

const { passed, failed, skipped } = count()
// A step that broke without a failing test (a build, the demo, a check) is a failure of its own.
const all = Math.max(failed, broken.length)
if (broken.length > 0) console.log(`\nfailed: ${broken.join(', ')}`)
if (passed === 0) console.log('\nno test passed')
console.log(`\n${passed} passed, ${all} failed, ${skipped} skipped`)
process.exitCode = all > 0 || passed === 0 ? 1 : 0
