import { tool } from '../repository.ts'
import type { Rule } from '../rule.ts'

interface Measured {
  readonly name: string
  readonly passed?: boolean
  readonly size?: number
  readonly sizeLimit?: number
}

/** Each entry of `.size-limit.js`, bundled with what it imports, minified and compressed, is within its budget. */
export const size: Rule = {
  name: 'size',
  claim: 'every bundle is within the budget that tooling/checks/.size-limit.js gives it',
  needsBuild: true,
  async check(repository) {
    const { status, output } = await repository.run(tool('size-limit'), ['--json'], `${repository.root}/tooling/checks`)
    const measured = parse(output)
    if (!measured) return [`size-limit:\n${output}`]
    const missing = repository.packages
      .map(({ manifest }) => manifest.name)
      .filter(name => !measured.some(each => each.name === name))
      .map(name => `${name} has no budget in tooling/checks/.size-limit.js`)
    const tooLarge = measured
      .filter(({ passed }) => passed === false)
      .map(({ name, size: found, sizeLimit }) => `${name}: ${found} bytes, the budget is ${sizeLimit}`)
    return status !== 0 && tooLarge.length === 0 ? [`size-limit:\n${output}`] : [...missing, ...tooLarge]
  },
}

function parse(output: string): readonly Measured[] | undefined {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}
