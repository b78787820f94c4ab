import { tool } from '../repository.ts'
import type { Rule } from '../rule.ts'

/** Files, exports and dependencies that nothing uses. */
export const unused: Rule = {
  name: 'unused',
  claim: 'no file, export or dependency is there that nothing uses',
  async check(repository) {
    const { status, output } = await repository.run(tool('knip'), ['--no-progress', '--no-config-hints'])
    return status === 0 ? [] : [`knip:\n${output}`]
  },
}
