import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'
import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { isOrAre } from '../plural.ts'
import { shellQuote } from '../shell-quote.ts'
import { type PairingKeys, readKeyFile, writeKeyFile } from './key-file.ts'
import { formatState, type PairingState, parseState } from './pairing.ts'
import { checkPairingName, isPairingName } from './pairing-name.ts'
import { SealedKeys } from './sealed-keys.ts'

/** A pairing as `list` shows it: with its state, or with the problem for which it cannot be used. */
export type Listed = { readonly name: string } & (
  | { readonly state: PairingState; readonly problem?: never }
  | { readonly state?: never; readonly problem: string }
)

/**
 * The folder in which `stt` keeps pairings: one folder for each, `pairings/NAME`, with `key` (0600) and `state.json`. A rename
 * makes or removes a pairing in one step.
 */
export class Home {
  readonly path: string
  readonly #sealed: SealedKeys

  /** @param askPassphrase asks for the passphrase, if one protects the secrets */
  constructor(path: string, askPassphrase: () => Promise<string>) {
    this.path = resolve(path)
    this.#sealed = new SealedKeys(join(this.path, 'keys'), askPassphrase)
  }

  /** Opens `STT_HOME`, or the platform's folder for data. */
  static locate(environment: NodeJS.ProcessEnv, askPassphrase: () => Promise<string>): Home {
    return new Home(environment['STT_HOME'] || envPaths('stt', { suffix: '' }).data, askPassphrase)
  }

  async names(): Promise<readonly string[]> {
    const names = await readdir(this.#pairings).catch(cause => {
      if (hasCode(cause, 'ENOENT')) return []
      throw this.#unusable(cause)
    })
    return names.filter(isPairingName).sort()
  }

  async list(): Promise<readonly Listed[]> {
    const names = await this.names()
    return Promise.all(
      names.map(async name => {
        try {
          const state = await this.state(name)
          if (!state.passphrase) await this.keys(state)
          return { name, state }
        } catch (error) {
          return { name, problem: (error as Error).message }
        }
      }),
    )
  }

  /** Rejects with a CliError if there is no pairing of that name, or it is damaged. */
  async state(name: string): Promise<PairingState> {
    checkPairingName(name)
    await this.#checkFolder()
    let text: string
    try {
      text = await readFile(this.#stateFile(name), 'utf8')
    } catch (cause) {
      if (!hasCode(cause, 'ENOENT', 'ENOTDIR')) throw this.#unusable(cause)
      const names = await this.names()
      const known = names.length > 0 ? `there ${isOrAre(names.length)} ${names.join(', ')}` : 'there is none yet'
      throw new CliError(ExitCode.usage, `no pairing is called ${name} (${known}): stt pair ${name}`)
    }
    const state = parseState(name, text)
    if (state) return state
    throw new CliError(ExitCode.failed, `${this.#stateFile(name)} is damaged: pair anew after stt forget ${name}`)
  }

  keys({ name, passphrase }: PairingState): Promise<PairingKeys> {
    if (passphrase) return this.#sealed.read(name)
    return readKeyFile(this.#keyFile(name), `stt forget ${name}`)
  }

  /** Rejects with a CliError if there is a pairing of that name. */
  async add(state: PairingState, keys: PairingKeys): Promise<void> {
    await mkdir(this.#pairings, { recursive: true, mode: 0o700 }).catch(cause => {
      throw this.#unusable(cause)
    })
    await this.#checkFolder()
    const { name } = state
    await this.checkFree(name)
    const part = join(this.#pairings, `.new-${randomUUID()}`)
    try {
      await mkdir(part, { mode: 0o700 })
      if (state.passphrase) await this.#sealed.write(name, keys)
      else await writeKeyFile(join(part, KEY), keys)
      await writePrivate(join(part, STATE), formatState(state))
      // If two processes make this name, one of them finds that it exists.
      await rename(part, this.#folder(name))
    } catch (cause) {
      await rm(part, { recursive: true, force: true })
      if (hasCode(cause, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw taken(name)
      throw cause instanceof CliError ? cause : this.#unusable(cause)
    }
  }

  /** @throws CliError */
  async checkFree(name: string): Promise<void> {
    checkPairingName(name)
    const names = await this.names()
    const same = names.find(each => each.toLowerCase() === name.toLowerCase())
    if (same !== undefined) throw taken(same)
  }

  /** Changes the state of a pairing. A pairing that was removed meanwhile stays removed. */
  async update(name: string, change: (state: PairingState) => PairingState): Promise<void> {
    const state = await this.state(name)
    const part = join(this.#folder(name), `.${STATE}-${randomUUID()}`)
    await writePrivate(part, formatState(change(state)))
    await rename(part, this.#stateFile(name))
  }

  /** Removes a pairing, also a damaged one. @returns its state, unless it was damaged */
  async forget(name: string): Promise<PairingState | undefined> {
    checkPairingName(name)
    const gone = join(this.#pairings, `.gone-${randomUUID()}`)
    try {
      await rename(this.#folder(name), gone)
    } catch (cause) {
      if (hasCode(cause, 'ENOENT')) throw new CliError(ExitCode.usage, `no pairing is called ${name}`)
      throw this.#unusable(cause)
    }
    const state = parseState(name, await readFile(join(gone, STATE), 'utf8').catch(() => ''))
    await rm(gone, { recursive: true })
    if (state?.passphrase) await this.#sealed.remove(name)
    return state
  }

  get #pairings(): string {
    return join(this.path, 'pairings')
  }

  #folder(name: string): string {
    return join(this.#pairings, name)
  }

  #keyFile(name: string): string {
    return join(this.#folder(name), KEY)
  }

  #stateFile(name: string): string {
    return join(this.#folder(name), STATE)
  }

  /** Refuses a folder that other users can write to: they could replace the seed by their own. */
  async #checkFolder(): Promise<void> {
    for (const path of [this.path, this.#pairings]) {
      const found = await stat(path).catch(() => undefined)
      if (!found || process.getuid === undefined || (found.mode & 0o022) === 0) continue
      const mend = `chmod 700 ${shellQuote(path)}`
      throw new CliError(
        ExitCode.failed,
        `other users can write in the folder of pairings, which is not used so: ${mend}`,
      )
    }
  }

  #unusable(cause: unknown): CliError {
    const message = `cannot use the folder of pairings ${this.path}: ${reasonOf(cause)}; STT_HOME names another`
    return new CliError(ExitCode.failed, message, { cause })
  }
}

async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const taken = (name: string): CliError =>
  new CliError(ExitCode.usage, `there is a pairing called ${name} already: take another name, or stt forget ${name}`)

const KEY = 'key'
const STATE = 'state.json'
