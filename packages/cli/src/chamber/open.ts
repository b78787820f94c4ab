import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Chamber } from '@stt/chamber'
import { isSttError } from '@stt/errors'
import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { chooseNewPassphrase, readPassphrase } from '../secret-input.ts'

/** `make`: for writing, and made if it is missing; `write`: for writing; `read`: also while another process writes. */
export type Access = 'make' | 'write' | 'read'

/**
 * Opens the chamber of a folder for the time of `work`.
 *
 * @throws CliError if there is none, or none can be made
 */
export async function withChamber<T>(
  folder: string,
  access: Access,
  { environment, signal }: Context,
  work: (chamber: Chamber) => Promise<T>,
): Promise<T> {
  const path = resolve(folder)
  const isThere = hasChamber(path, folder)
  if (!isThere && access !== 'make') {
    throw new CliError(ExitCode.usage, `there is no chamber in ${folder}: stt chamber put ${folder} PATH makes one`)
  }
  const passphrase = isThere
    ? await readPassphrase(environment, 'the chamber is kept')
    : await chooseNewPassphrase(environment, 'a chamber is kept')
  const chamber = await opened(folder, { path, passphrase, readOnly: access === 'read', signal })
  try {
    return await work(chamber)
  } finally {
    await chamber.close()
  }
}

/** Whether a folder contains a chamber. @throws CliError if it contains something else */
function hasChamber(path: string, folder: string): boolean {
  let names: readonly string[]
  try {
    names = readdirSync(path)
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return false
    throw new CliError(ExitCode.usage, `${folder} cannot be a chamber: ${reasonOf(cause)}`, { cause })
  }
  if (names.some(name => existsSync(join(path, name, 'key')))) return true
  if (names.length === 0) return false
  throw new CliError(ExitCode.usage, `${folder} holds something, and no chamber: name a folder of its own for one`)
}

async function opened(
  folder: string,
  options: { path: string; passphrase: string; readOnly: boolean; signal: AbortSignal },
): Promise<Chamber> {
  try {
    return await Chamber.open({ ...options, id: ID })
  } catch (cause) {
    if (isSttError(cause, 'STT_AUTHENTICATION')) {
      throw new CliError(ExitCode.refused, `the passphrase of ${folder} is another one`, { cause })
    }
    if (isSttError(cause, 'STT_CHAMBER_LOCKED')) {
      throw new CliError(ExitCode.refused, `another process is writing to ${folder}: wait until it has ended`, {
        cause,
      })
    }
    throw cause
  }
}

const ID = 'stt'
