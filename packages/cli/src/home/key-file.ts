import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fromHex, phe, toHex } from '@stt/crypto'
import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { shellQuote } from '../shell-quote.ts'

/** The secrets of a pairing: the seed, which both machines have, and this machine's private key. 32 bytes each. */
export interface PairingKeys {
  readonly seed: Uint8Array<ArrayBuffer>
  readonly identity: Uint8Array<ArrayBuffer>
}

/** Writes the text of a key file, with a digest that reveals damage. */
export function formatKeys({ seed, identity }: PairingKeys): string {
  const body = `${toHex(seed)}\n${toHex(identity)}\n`
  return `${MAGIC} ${digest(body)}\n${body}`
}

/** Reads the text of a key file; undefined if `formatKeys` did not write it. */
export function parseKeys(text: string): PairingKeys | undefined {
  const [head, seedText, identityText, rest] = text.split('\n')
  const body = `${seedText}\n${identityText}\n`
  if (rest !== '' || head !== `${MAGIC} ${digest(body)}`) return undefined
  const [seed, identity] = [fromHex(seedText ?? ''), fromHex(identityText ?? '')]
  return seed?.length === 32 && identity?.length === 32 ? { seed, identity } : undefined
}

/** Writes a new file that only its owner can read. Rejects if the file exists. */
export async function writeKeyFile(path: string, keys: PairingKeys): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    // Independent of the umask, the group cannot read it either.
    if (process.platform !== 'win32') await file.chmod(0o600)
    await file.writeFile(formatKeys(keys))
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Reads a key file. Refuses a file that other users can read, as ssh does.
 *
 * @param forget the command that removes the pairing
 */
export async function readKeyFile(path: string, forget: string): Promise<PairingKeys> {
  const text = await readPrivate(path)
  const keys = parseKeys(text)
  if (keys) return keys
  throw new CliError(ExitCode.failed, `the seed file ${path} is damaged: put a backup in its place, or pair anew after ${forget}`) // biome-ignore format: one line
}

async function readPrivate(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    try {
      checkPrivate(path, await file.stat())
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const problem = hasCode(cause, 'ELOOP') ? 'it is a symbolic link' : reasonOf(cause)
    throw new CliError(ExitCode.failed, `cannot read the seed file ${path}: ${problem}`, { cause })
  }
}

/** @throws CliError with the command that repairs it */
function checkPrivate(path: string, { mode, uid, size }: { mode: number; uid: number; size: number }): void {
  if (size > MAX_LENGTH) throw new CliError(ExitCode.failed, `${path} is no seed file: it is too long`)
  const own = process.getuid?.()
  if (own === undefined) return
  if ((mode & 0o077) !== 0) {
    const mend = `chmod 600 ${shellQuote(path)}`
    throw new CliError(ExitCode.failed, `other users can read the seed file, which is not used so: ${mend}`)
  }
  if (uid !== own && own !== 0) {
    const mend = `chown ${own} ${shellQuote(path)}`
    throw new CliError(ExitCode.failed, `the seed file belongs to another user, and is not used so: ${mend}`)
  }
}

const digest = (body: string): string => toHex(phe.digest('cli key', new TextEncoder().encode(body)).subarray(0, 16))

const MAGIC = 'stt-key 1'
const MAX_LENGTH = 1_024
