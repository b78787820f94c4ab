import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/**
 * Checks the name of a pairing: it has to be a file name on every system, and needs no quotes in a shell.
 *
 * @throws CliError
 */
export function checkPairingName(name: string): string {
  if (isPairingName(name)) return name
  if (NAME.test(name)) {
    const message = `"${name}" cannot name a pairing: Windows has a device of this name, and no file; take another, such as my-${name}`
    throw new CliError(ExitCode.usage, message)
  }
  const rule = 'up to 64 letters, digits, dots, hyphens and underscores, the first a letter or digit'
  throw new CliError(ExitCode.usage, `"${name}" cannot name a pairing: a name is ${rule}`)
}

export const isPairingName = (name: string): boolean => NAME.test(name) && !RESERVED.test(name)

/** The default name of a pairing: `peer`, `peer2`, … */
export function freePairingName(taken: readonly string[]): string {
  const used = new Set(taken.map(name => name.toLowerCase()))
  let name = 'peer'
  for (let number = 2; used.has(name); number++) name = `peer${number}`
  return name
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/
/** Names of devices of Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i
