import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { parseArgs } from 'node:util'
import { SttError } from '@stt/errors'
import { readPage } from './page.ts'
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
  --page FOLDER         serves the files of a folder to browsers, index.html first
  --drain SECONDS       what circuits are given to end on SIGTERM (default 10)
  --log-addresses       lines say who
  --json                one line of JSON with url and udpPorts on stdout when it listens

On SIGHUP certificate and page are read again, and no connection ends.
`

/** The options of the relay's program as the user wrote them; `stt-relay --help` explains each. */
export interface RelayWords {
  /** URL to listen at. Default `ws://127.0.0.1:4433`. */
  readonly listen?: string | undefined
  /** Access keys, 64 hexadecimal digits each. Default: none. */
  readonly access?: readonly string[] | undefined
  /** Serves every client. Default false. */
  readonly open?: boolean | undefined
  /** URLs that clients dial. Default: the address of `listen`. */
  readonly url?: readonly string[] | undefined
  /** File with the certificate in PEM, for `wss://`. */
  readonly cert?: string | undefined
  /** File with the certificate's private key in PEM, for `wss://`. */
  readonly key?: string | undefined
  /** Header in which a proxy names its client. Default: the client is the other end of the connection. */
  readonly clientAddress?: string | undefined
  /** Two UDP ports with a comma between, or `none`. Default: the TCP port and the next one. */
  readonly udp?: string | undefined
  /** Folder of files for browsers. Default: none. */
  readonly page?: string | undefined
  /** Seconds that circuits have to end. Default 10. */
  readonly drain?: string | undefined
  /** Logs addresses. Default false. */
  readonly logAddresses?: boolean | undefined
}

/** The options of a relay, read and checked. */
export interface RelayCommand {
  /** For `listenRelay`. */
  readonly relay: ListenRelayOptions
  /** Milliseconds that circuits have to end. */
  readonly drain: number
}

/** All arguments of `stt-relay`. */
export interface Command extends RelayCommand {
  /** Whether to write a line of JSON once it listens. */
  readonly json: boolean
  /** Whether to write the help text and end. */
  readonly help: boolean
}

/**
 * Reads the arguments of the relay's program.
 *
 * @param keys more access keys, with commas between, from the environment
 * @throws SttError `STT_INVALID_ARGUMENT`, or a TypeError of Node's for an option that is not known
 */
export function readCommand(args: string[], keys = ''): Command {
  const { values } = parseArgs({
    args,
    options: {
      listen: { type: 'string' },
      access: { type: 'string', multiple: true, default: [] },
      open: { type: 'boolean' },
      url: { type: 'string', multiple: true },
      cert: { type: 'string' },
      key: { type: 'string' },
      'client-address': { type: 'string' },
      udp: { type: 'string' },
      page: { type: 'string' },
      drain: { type: 'string' },
      'log-addresses': { type: 'boolean' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const access = [...values.access, ...keys.split(',').filter(Boolean)]
  const words = { ...values, access, clientAddress: values['client-address'], logAddresses: values['log-addresses'] }
  return { ...relayCommand(words), json: values.json, help: values.help }
}

/**
 * Checks the words and reads the files that they name.
 *
 * @throws SttError `STT_INVALID_ARGUMENT`, or the file system's error for a certificate or key that cannot be read
 */
export function relayCommand(words: RelayWords): RelayCommand {
  const { listen = 'ws://127.0.0.1:4433', access = [], open = false, url = [], cert, key, page, drain = '10' } = words
  const header = words.clientAddress?.toLowerCase()
  return {
    relay: {
      ...readListen(listen, cert, key),
      keys: access.map(readKey),
      open,
      urls: url,
      logAddresses: words.logAddresses ?? false,
      ...(header === undefined ? {} : { clientAddress: (request: IncomingMessage) => single(request.headers[header]) }),
      ...(words.udp === undefined ? {} : { udpPorts: readPorts(words.udp) }),
      ...(page === undefined ? {} : { page: readPage(page) }),
    },
    drain: readNumber(drain, '--drain') * 1_000,
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
