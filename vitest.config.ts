import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { aloneIn } from './tooling/presets/vitest/alone.js'
import { fromSources, patience, project } from './tooling/presets/vitest/index.js'

/*
 * All tests, as four kinds: `unit`, `interop`, `long` and `repository`. Unless `--project` names others, those of `unit` run.
 * The kinds follow each other where several are named, because each has its own number of workers.
 */

const folders = ['packages', 'tooling', 'examples']
  .flatMap(folder => readdirSync(folder).map(name => `${folder}/${name}`))
  .concat('site')
  .filter(folder => existsSync(`${folder}/vitest.config.ts`))
const alone = aloneIn('.', folders)

/** Tests of one package each, from its own vitest.config.ts; `npx vitest` in its folder runs the same. */
const unit = [
  // Half of the time that a process for each file would take goes into starting it and into what it imports.
  ...folders.map(folder => ({
    extends: `./${folder}/vitest.config.ts`,
    root: folder,
    test: { name: `unit:${basename(folder)}`, isolate: false, exclude: alone.get(folder)! },
  })),
  project('unit:alone', { include: [...alone].flatMap(([folder, files]) => files.map(file => `${folder}/${file}`)) }),
]

/** Tests against other people's programs: browsers, proxies, WebSocket and QUIC libraries, network namespaces. */
const interop = {
  ...fromSources,
  test: {
    name: 'interop',
    include: ['{packages,examples}/*/interop/**/*.interop.test.ts', 'site/interop/*.interop.test.ts'],
    ...patience,
    // Most of them wait for networks and other programs more than they work; each has ports and namespaces of its own.
    maxWorkers: 2,
    // Of tests that say so: those that wait for networks more than they work.
    maxConcurrency: 4,
    sequence: { groupOrder: 1 },
  },
}

/** Soak runs, large stores, many seeds: an hour at most, all together. */
const long = {
  ...fromSources,
  test: {
    name: 'long',
    include: ['{packages,examples,tooling}/*/{src,test,interop}/**/*.long.test.ts'],
    ...patience,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
    // Memory is measured after a collection, and two measurements at once would see each other.
    execArgv: ['--expose-gc'],
    fileParallelism: false,
    // Of tests that say so, the mutants.
    maxConcurrency: 2,
    sequence: { groupOrder: 2 },
  },
}

/** The repository's own rules broken on purpose, packages installed from tarballs, the version step: minutes, not seconds. */
const repository = {
  test: {
    name: 'repository',
    include: ['tooling/checks/test/**/*.ci.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    sequence: { groupOrder: 3 },
  },
}

export default defineConfig({
  test: {
    projects: [...unit, interop, long, repository],
    project: ['unit:*'],
    // One for each core, where vitest leaves one idle: some tests wait more than they work.
    maxWorkers: '100%',
  },
})
