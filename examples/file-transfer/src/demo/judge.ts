import { Failure } from '../cli.ts'

/** A claim in words, and whether it held. */
export type Check = readonly [claim: string, holds: boolean]

/** Prints what held and what did not. @throws Failure when something did not */
export function judge(checks: readonly Check[]): void {
  for (const [claim, holds] of checks) process.stdout.write(`  ${holds ? '✓' : '✗'} ${claim}\n`)
  const broken = checks.filter(([, holds]) => !holds)
  if (broken.length > 0) throw new Failure(`it does not hold: ${broken.map(([claim]) => claim).join('; ')}`)
}
