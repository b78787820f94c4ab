import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromSources, patience } from '@stt/vitest-config'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { STT_MUTANT: mutant = '{}' } = process.env
const { file, find, replace } = JSON.parse(mutant) as Record<string, string>

/**
 * Runs tests over the sources as they are but for one line, which is changed while its file is loaded: nothing is
 * written, so a broken run leaves nothing broken.
 */
export default defineConfig({
  root,
  ...fromSources,
  test: {
    ...patience,
    testTimeout: 60_000,
    name: 'mutant',
    include: ['{packages,examples}/*/{src,test,interop}/**/*.test.ts'],
    bail: 1,
  },
  plugins: [
    {
      name: 'stt-mutant',
      enforce: 'pre',
      load(id: string) {
        if (!file || !find || id.split('?')[0] !== join(root, file)) return null
        return readFileSync(join(root, file), 'utf8').replace(find, () => replace ?? '')
      },
    },
  ],
})
