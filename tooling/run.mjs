// `npm run demo` and `npm test` on a machine that has only Node and npm: install with the pinned pnpm, then run the tasks.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [task, ...args] = process.argv.slice(2)

const run = (command, parameters) => {
  const { status, error } = spawnSync(command, parameters, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (error) console.error(`could not start ${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
// --prefer-offline: without it an offline run waits minutes for the registry.
const pnpm = (...parameters) => run('npx', ['--yes', '--prefer-offline', packageManager, ...parameters])
const exec = (...parameters) => pnpm('exec', ...parameters)

const tasks = {
  demo: () => {
    exec('turbo', 'run', 'build', '--output-logs=errors-only')
    run(process.execPath, ['examples/file-transfer/dist/demo.js', ...args])
  },
  test: () => {
    exec('turbo', 'run', 'build', 'typecheck', '--output-logs=errors-only')
    exec('vitest', 'run', ...args)
  },
}

const action = tasks[task]
if (!action) {
  console.error(`usage: node tooling/run.mjs ${Object.keys(tasks).join(' | ')}`)
  process.exit(2)
}
pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn')
action()
