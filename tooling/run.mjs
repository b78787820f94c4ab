// The tasks of the root package.json, on a machine that has only Node and npm: install with the pinned pnpm, then run.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from './environment.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [task, ...args] = process.argv.slice(2)

const env = childEnvironment(process.env)

const run = (command, parameters) => {
  const options = { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', env }
  const { status, error } = spawnSync(command, parameters, options)
  if (error) console.error(`could not start ${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
// --prefer-offline: without it an offline run waits minutes for the registry.
const pnpm = (...parameters) => run('npx', ['--yes', '--prefer-offline', packageManager, ...parameters])
const exec = (...parameters) => pnpm('exec', ...parameters)
const turbo = (...tasks) => exec('turbo', 'run', ...tasks, '--output-logs=errors-only')
const typescript = (file, ...parameters) => run(process.execPath, ['--import', 'tsx', file, ...parameters])
const fromSources = (file, ...parameters) =>
  run(process.execPath, ['--import', 'tsx', '--conditions=@stt/source', file, ...parameters])
/** A script of one package, in its folder. */
const script = (name, task, ...parameters) => pnpm('--filter', name, 'run', task, ...parameters)

const stop = message => {
  console.error(message)
  process.exit(2)
}

// The counts of every vitest run are left in .reports/, where .ci/run adds them up.
const vitest = (name, ...parameters) => {
  mkdirSync(new URL('../.reports/', import.meta.url), { recursive: true })
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=.reports/${name}.json`]
  exec('vitest', 'run', ...report, ...parameters)
}

const tasks = {
  demo: () => {
    turbo('build')
    run(process.execPath, ['examples/file-transfer/dist/demo/demo.js', ...args])
  },
  // A program of examples/programs from its source, nothing built: `example chat listen ws://127.0.0.1:4400`.
  example: () => {
    const [name, ...words] = args
    const folder = new URL('../examples/programs/src/', import.meta.url)
    const names = readdirSync(folder).flatMap(file => /^([a-z-]+)\.ts$/.exec(file)?.[1] ?? [])
    if (!names.includes(name)) stop(`npm run example -- NAME …, where NAME is one of ${names.join(', ')}`)
    if (!env.STT_SEED) stop('STT_SEED is not set: both ends need the same 64 hexadecimal digits in it')
    fromSources(`examples/programs/src/${name}.ts`, ...words)
  },
  // Installs what package.json files name now, and writes it to pnpm-lock.yaml.
  lockfile: () => {},
  test: () => {
    // No build is needed: tests run from the sources, and bundle the programs that they start.
    turbo('typecheck')
    vitest('test', ...args)
  },
  // Builds the packages first where a rule looks at what was built: `check mutants` takes a second.
  check: () => typescript('tooling/checks/src/main.ts', '--build', ...args),
  build: () => turbo('build', ...args),
  // The generated parts of the repository, each to be committed with the change that it follows from.
  api: () => {
    turbo('build')
    typescript('tooling/checks/src/write-api.ts')
  },
  index: () => typescript('tooling/checks/src/write-index.ts'),
  answers: () => {
    fromSources('packages/handshake/test/write-known-answers.ts')
    fromSources('packages/node/test/write-protocol-answers.ts')
  },
  interop: () => vitest('interop', '--project=interop', '--passWithNoTests', ...args),
  // The README's examples and the test vectors on other versions of Node, whose crypto is not the same: `versions 24 26`.
  versions: () => {
    for (const version of args) {
      const node = ['--yes', '--prefer-offline', '-p', `node@${version}`]
      const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32', env }
      const { status, stdout } = spawnSync('npx', [...node, 'node', '-p', 'process.execPath'], options)
      if (status !== 0) {
        console.log(`SKIPPED: there is no Node ${version} here, and it could not be fetched`)
        continue
      }
      mkdirSync(new URL('../.reports/', import.meta.url), { recursive: true })
      const report = ['--reporter=default', '--reporter=json', `--outputFile.json=.reports/versions-${version}.json`]
      const files = ['readme.test', 'site.test', 'vectors.test', 'known-answers.test']
      run(stdout.trim(), ['node_modules/vitest/vitest.mjs', 'run', ...report, ...files])
    }
  },
  // Tarballs as they would be published, for projects that want them before they are: `pack ../tarballs`.
  pack: () => {
    const [folder = 'tarballs'] = args
    turbo('build')
    pnpm('--filter', './packages/*', 'pack', '--pack-destination', resolve(folder))
  },
  // Into site/dist, every link followed.
  site: () => typescript('site/src/build.ts'),
  // Every link to elsewhere; with `--follow` each is asked for.
  links: () => typescript('tooling/checks/src/follow-links.ts', ...args),
  mutants: () => typescript('tooling/mutants/src/main.ts', ...args),
  // Searches for inputs that break a decoder's promises: `fuzz frame --count 100000`.
  fuzz: () => {
    const [name = 'frame', ...words] = args
    script(`@stt/${name}`, 'fuzz', ...words)
  },
  // Measurements, none of which a test repeats.
  bench: () => script('@stt/bench', 'bench', ...args),
  'bench:page': () => script('@stt/bench', 'bench:page', ...args),
  profile: () => script('@stt/bench', 'profile', ...args),
  // Two built checkouts beside each other: `pairs ../before ../after`.
  pairs: () => {
    const [before = '', after = '', ...words] = args
    script('@stt/bench', 'pairs', resolve(before), resolve(after), ...words)
  },
  fleet: () => script('@stt/fleet', 'fleet', ...args),
  instance: () => script('@stt/fleet', 'instance', ...args),
  goodput: () => script('@stt/recovery', 'goodput'),
  repository: () => {
    turbo('build')
    vitest('repository', '--project=repository', ...args)
  },
  'test:long': () => {
    turbo('build')
    typescript('tooling/checks/src/long.ts', ...args)
  },
  release: () => {
    turbo('build')
    exec('changeset', 'publish')
  },
  'release:dry': () => {
    turbo('build')
    typescript('tooling/checks/src/release-dry.ts', ...args)
  },
}

const action = tasks[task]
if (!action) {
  console.error(`usage: node tooling/run.mjs ${Object.keys(tasks).join(' | ')}`)
  process.exit(2)
}
const lockfile = task === 'lockfile' ? '--no-frozen-lockfile' : '--frozen-lockfile'
pnpm('install', lockfile, '--prefer-offline', '--reporter=append-only', '--loglevel=warn')
action()
