import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { parseArgs } from 'node:util'
import { SttError } from '@stt/errors'
import type { ListenRelayOptions } from './relay-options.ts'

export const USAGE = `usage: stt-relay [options]

  --listen URL          where to listen: ws://0.0.0.0:4433/path, or wss:// with --cert and --key
                        (default ws://127.0.0.1:4433: only this machine)
  --access KEY          64 hexadecimal digits: the access key of a seed that is served; may be repeated,
                        and is read from STT_RELAY_ACCESS too, with commas between
  --open                serves everybody: a GiB and a day for each circuit
  --url URL             how clients dial it, where that is not --listen (wss://relay.example); may be repeated
  --cert FILE --key FILE
                        certificate and key in PEM
  --client-address NAME the header in which the proxy in front names its client: x-real-ip
  --udp PORT,PORT       ports that tell clients where they come from (default: the port and the next), or none
  --drain SECONDS       what circuits are given to end on SIGTERM (default 10)
  --log-addresses       lines say who
  --json                one line of JSON with url and udpPorts on stdout when it listens
`

/** What the relay's program was asked for. */
export interface Command {
  readonly relay: ListenRelayOptions
  /** Milliseconds. */
  readonly drain: number
  readonly json: boolean
  readonly help: boolean
}

/**
 * Reads the arguments of the relay's program.
 *
 * @param keys more access keys, with commas between: what the environment has
 * @throws SttError `STT_INVALID_ARGUMENT`, or a TypeError of Node's for an option that is not known
 */
export function readCommand(args: string[], keys = ''): Command {
  const { values } = parseArgs({
    args,
    options: {
      listen: { type: 'string', default: 'ws://127.0.0.1:4433' },
      access: { type: 'string', multiple: true, default: [] },
      open: { type: 'boolean', default: false },
      url: { type: 'string', multiple: true, default: [] },
      cert: { type: 'string' },
      key: { type: 'string' },
      'client-address': { type: 'string' },
      udp: { type: 'string' },
      drain: { type: 'string', default: '10' },
      'log-addresses': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const given = [...values.access, ...keys.split(',')].filter(Boolean)
  const header = values['client-address']?.toLowerCase()
  return {
    relay: {
      ...readListen(values.listen, values.cert, values.key),
      keys: given.map(readKey),
      open: values.open,
      urls: values.url,
      logAddresses: values['log-addresses'],
      ...(header === undefined ? {} : { clientAddress: (request: IncomingMessage) => single(request.headers[header]) }),
      ...(values.udp === undefined ? {} : { udpPorts: readPorts(values.udp) }),
    },
    drain: readNumber(values.drain, '--drain') * 1_000,
    json: values.json,
    help: values.help,
  }
}

function readListen(text: string, cert: string | undefined, key: string | undefined): ListenRelayOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^wss?:$/.test(url.protocol)) throw invalid('--listen takes a URL such as ws://127.0.0.1:4433')
  const isSecure = url.protocol === 'wss:'
  if (isSecure !== (cert !== undefined && key !== undefined)) {
    throw invalid(isSecure ? '--listen wss:// needs --cert and --key' : '--cert and --key are for --listen wss://')
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    path: url.pathname,
    ...(isSecure ? { tls: { cert: readFileSync(cert!), key: readFileSync(key!) } } : {}),
  }
}

function readKey(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'))
  throw invalid('an access key is 64 hexadecimal digits')
}

function readPorts(text: string): [number, number] | false {
  if (text === 'none') return false
  const [first, second, ...more] = text.split(',').map(each => readNumber(each, '--udp'))
  if (first === undefined || second === undefined || more.length > 0) throw invalid('--udp takes two ports, or none')
  return [first, second]
}

function readNumber(text: string, name: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw invalid(`${name} takes a whole number`)
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)
