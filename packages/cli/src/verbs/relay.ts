import { readFileSync } from 'node:fs'
import { isSttError } from '@stt/errors'
import { Seed, toHex } from '@stt/node'
import { type RelayCommand, type RelayWords, relayCommand, runRelay } from '@stt/relay/program'
import { CliError, reasonOf } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { openShared } from './relay-shared.ts'

/** The options of the relay's own program, and those that only `stt relay` has. */
export interface RelayOptions extends RelayWords {
  /** Names of pairings whose machines are served. */
  readonly for?: readonly string[] | undefined
  readonly config?: string | undefined
  readonly redis?: string | undefined
  readonly instance?: string | undefined
}

/** Runs a relay until a signal, after which it ends with 0. */
export async function relay(given: RelayOptions, context: Context): Promise<number> {
  const { output, signal, environment } = context
  const options = given.config === undefined ? given : { ...readConfig(given.config), ...given }
  const keys = (environment['STT_RELAY_ACCESS'] ?? '').split(',').filter(Boolean)
  const access = [...(options.access ?? []), ...keys]
  for (const name of options.for ?? []) access.push(await accessKeyOf(name, context))
  const words = { ...options, access }
  checkServed(words)
  const shared = await openShared(options, environment)
  const read = (): RelayCommand => {
    const command = relayCommand(words)
    return shared
      ? { ...command, relay: { ...command.relay, store: shared.store, instance: shared.instance } }
      : command
  }
  try {
    await runRelay(read, {
      // A lost Redis is an error that the relay survives, so it is told with --quiet too.
      log: line => (line.startsWith(OF_STORE) ? output.problem(line) : output.note(line)),
      onListening: ({ url, udpPorts }) => {
        output.line({ type: 'relaying', url, udpPorts })
        output.result(`relay at ${url}; name it when you pair: stt pair NAME --relay ${options.url?.[0] ?? url}`)
      },
      signal,
    })
  } catch (error) {
    if (isSttError(error) || !(error instanceof Error && 'syscall' in error)) throw error
    throw new CliError(ExitCode.usage, `cannot read a file of the relay: ${error.message}`, { cause: error })
  } finally {
    shared?.store.close()
  }
  return ExitCode.ok
}

/** The access key of a pairing, for an operator: it proves membership and decrypts nothing. */
async function accessKeyOf(name: string, { home }: Context): Promise<string> {
  const keys = await home.keys(await home.state(name))
  const seed = Seed.fromBytes(keys.seed)
  keys.seed.fill(0)
  keys.identity.fill(0)
  const access = toHex(seed.deriveRendezvousKeys().access)
  seed.dispose()
  return access
}

/** Refuses a wrong set of options in words of this command; the relay would name its own. */
function checkServed({ listen = '', access = [], open }: RelayWords): void {
  const isForAll = access.length === 0 && !open
  if (!isForAll || listen === '' || !URL.canParse(listen)) return
  if (/^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(new URL(listen).hostname)) return
  throw new CliError(
    ExitCode.usage,
    'a relay that other machines reach needs --for NAME, the pairings that it serves, --access KEY, or --open to serve every client',
  )
}

/** Reads a JSON file with the names of options. @throws CliError that names the error */
function readConfig(path: string): RelayOptions {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    // The parser's message would repeat a piece of the file, which contains keys and a password.
    if (cause instanceof SyntaxError) throw new CliError(ExitCode.usage, `cannot use ${path}: ${NOT_JSON}`)
    throw new CliError(ExitCode.usage, `cannot use ${path}: ${reasonOf(cause)}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError(ExitCode.usage, `cannot use ${path}: it holds no object, { "listen": "ws://…", "open": true }`)
  }
  const options: Record<string, unknown> = {}
  for (const [name, each] of Object.entries(value)) {
    const kind = Object.hasOwn(CONFIG, name) ? CONFIG[name as keyof typeof CONFIG] : undefined
    if (kind === undefined) throw new CliError(ExitCode.usage, `cannot use ${path}: ${name} is none of ${Object.keys(CONFIG).join(', ')}`) // biome-ignore format: one line
    const isList = Array.isArray(each) && each.every(one => typeof one === 'string')
    // Seconds and ports may be written as numbers.
    const isFine = kind === 'list' ? isList : typeof each === kind || (kind === 'string' && typeof each === 'number')
    if (!isFine) throw new CliError(ExitCode.usage, `cannot use ${path}: ${name} takes ${KINDS[kind]}`)
    options[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] = typeof each === 'number' ? String(each) : each // biome-ignore format: one line
  }
  return options as RelayOptions
}

/** The beginning of what a relay logs of the store that several instances share. */
const OF_STORE = 'the common store of the instances'
const CONFIG = {
  listen: 'string',
  for: 'list',
  access: 'list',
  open: 'boolean',
  url: 'list',
  cert: 'string',
  key: 'string',
  'client-address': 'string',
  udp: 'string',
  page: 'string',
  drain: 'string',
  'log-addresses': 'boolean',
  redis: 'string',
  instance: 'string',
} as const
const NOT_JSON =
  'it is not JSON: see that texts and names stand in double quotes, with commas between them and after none'
const KINDS = { string: 'a text', list: 'a list of texts', boolean: 'true or false' } as const
