import { rootTool } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Formatting and lint, as biome.json has it. */
export const format: Rule = {
  name: 'format',
  claim: 'formatting and lint are as biome.json says',
  async check(repository) {
    const { status, output } = await repository.run(rootTool('biome'), ['check', '--error-on-warnings', '.'])
    return status === 0 ? [] : [`biome (npm run format repairs most of it):\n${output}`]
  },
}
