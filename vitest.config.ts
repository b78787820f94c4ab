import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { aloneIn } from './tooling/presets/vitest/alone.js'
import { project } from './tooling/presets/vitest/index.js'

const folders = ['packages', 'tooling', 'examples']
  .flatMap(folder => readdirSync(folder).map(name => `${folder}/${name}`))
  .concat('site')
  .filter(folder => existsSync(`${folder}/vitest.config.ts`))
const alone = aloneIn('.', folders)

export default defineConfig({
  test: {
    projects: [
      // Half of the time that a process for each file would take goes into starting it and into what it imports.
      ...folders.map(folder => ({
        extends: `./${folder}/vitest.config.ts`,
        root: folder,
        test: { isolate: false, exclude: alone.get(folder)! },
      })),
      project('alone', { include: [...alone].flatMap(([folder, files]) => files.map(file => `${folder}/${file}`)) }),
    ],
    // One for each core, where vitest leaves one idle: some tests wait more than they work.
    maxWorkers: '100%',
  },
})
