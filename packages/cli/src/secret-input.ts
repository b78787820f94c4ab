import { read } from 'read'
import { CliError } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'

/**
 * Reads a secret: without echo from a terminal, else all of stdin.
 *
 * @throws CliError if there is none, or the user interrupted
 */
export async function readSecret(prompt: string): Promise<string> {
  const text = process.stdin.isTTY ? await ask(prompt) : await readInput()
  if (text.trim() === '') throw new CliError(ExitCode.usage, `no value was given for: ${prompt.replace(/:? *$/, '')}`)
  return text.trim()
}

/**
 * Gives the passphrase: `STT_PASSPHRASE`, or asked for on a terminal.
 *
 * @param what beginning of the error message if there is none: `the seed is kept`
 */
export async function readPassphrase(environment: NodeJS.ProcessEnv, what = 'the seed is kept'): Promise<string> {
  const given = environment['STT_PASSPHRASE']
  if (given) return given
  if (process.stdin.isTTY) return ask('Passphrase: ')
  throw new CliError(ExitCode.usage, `${what} under a passphrase: run this on a terminal, or set STT_PASSPHRASE`)
}

/** Asks for a new passphrase, twice. */
export async function chooseNewPassphrase(environment: NodeJS.ProcessEnv, what?: string): Promise<string> {
  const first = await readPassphrase(environment, what)
  if (environment['STT_PASSPHRASE']) return first
  if (first === (await ask('The same again: '))) return first
  throw new CliError(ExitCode.usage, 'the two passphrases are not the same')
}

/** The prompt is on stderr, so that stdout has only results. */
async function ask(prompt: string): Promise<string> {
  try {
    return await read({ prompt, silent: true, output: process.stderr })
  } catch (cause) {
    // Control-C: the terminal gave it to the prompt, so there was no signal.
    throw new CliError(ExitCode.interrupted, 'interrupted', { cause })
  }
}

async function readInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_INPUT) throw new CliError(ExitCode.usage, 'stdin holds more than a phrase')
  }
  return text
}

const MAX_INPUT = 16_384
