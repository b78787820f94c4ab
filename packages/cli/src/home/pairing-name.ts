import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/**
 * Checks what a pairing is to be called: names of files on every system, which a shell takes as they are.
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

/** What a pairing is called unless somebody says: `peer`, `peer2`, … */
export function freePairingName(taken: readonly string[]): string {
  const used = new Set(taken.map(name => name.toLowerCase()))
  let name = 'peer'
  for (let number = 2; used.has(name); number++) name = `peer${number}`
  return name
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/
/** Devices of Windows, whatever comes behind the dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i
