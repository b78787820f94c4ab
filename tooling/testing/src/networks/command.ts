import { spawnSync } from 'node:child_process'

/**
 * Runs a program and waits for it.
 *
 * @returns what it printed
 * @throws when it is missing or fails, with what it said
 */
export function run(command: string, parameters: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { encoding: 'utf8', input })
  if (error) throw error
  if (status === 0) return stdout
  throw new Error(`${[command, ...parameters].join(' ')} failed: ${stderr.trim()}\n${input}`)
}
