import type { IncomingMessage } from 'node:http'
import { checkInteger, checkOptions, checkType, describe, SttError } from '@stt/errors'
import { isLoopback } from '@stt/frame'
import { relayAuthority } from '@stt/rendezvous'
import { type RelayLimits, resolveRelayLimits } from '@stt/rendezvous/server'
import type { TlsOptions } from '@stt/transport-ws'
import type { RelayStore } from './store/relay-store.ts'

/** Options of `listenRelay`. */
export interface ListenRelayOptions {
  /** Address to bind. Default `127.0.0.1`: only this machine. */
  readonly host?: string
  /** Port to bind; 0, the default, lets the system choose. */
  readonly port?: number
  /** The only path at which clients connect. Default `/`. */
  readonly path?: string
  /** Serves `wss://` with this certificate. Default: `ws://`, for use behind a proxy with TLS. */
  readonly tls?: TlsOptions
  /** Access keys, 32 bytes each, of the seeds that are served: `seed.deriveRendezvousKeys().access`. Default: none. */
  readonly keys?: readonly Uint8Array[]
  /** Serves every client. On an address that other machines reach, a relay needs either `keys` or this. Default false. */
  readonly open?: boolean
  /**
   * The URLs that clients dial, such as `wss://relay.example`: with `keys`, a client's proof is for one of them. Default: the
   * addresses that are bound.
   */
  readonly urls?: readonly string[]
  /**
   * UDP ports that tell clients where their datagrams come from; false: none. Default: the relay's port and the next one, or
   * two that the system chooses if it chose the port too.
   */
  readonly udpPorts?: readonly [number, number] | false
  /** Limits that differ from the defaults of the README. */
  readonly limits?: Partial<RelayLimits>
  /** Gives the client's address behind a proxy, from the proxy's own header. Default: the other end of the connection. */
  readonly clientAddress?: (request: IncomingMessage) => string | undefined
  /** Pages that may connect, as the browser's Origin header names them. Default: all. */
  readonly origins?: readonly string[]
  /** Files for browsers, by the path of their URL; `/` gives `/index.html`. Default: none. */
  readonly page?: ReadonlyMap<string, Uint8Array>
  /** The common store of several instances behind one name. Each of them needs its own `instance`. Default: none. */
  readonly store?: RelayStore
  /**
   * The URL by which clients dial this instance and no other, such as `wss://relay.example/a`: on the host of the common name,
   * or one of the clients' relays. Only with `store`.
   */
  readonly instance?: string
  /** Called with a line for each event. Default: events are not logged. */
  readonly log?: (line: string) => void
  /** Whether lines of the log contain addresses. Default false. */
  readonly logAddresses?: boolean
}

/** @throws SttError `STT_INVALID_ARGUMENT`, or `STT_BAD_ADDRESS` for a URL that cannot be dialed */
export function checkRelayOptions(options: ListenRelayOptions): void {
  checkOptions(options, 'listenRelay', KNOWN)
  const { host = LOOPBACK, port = 0, keys = [], open = false, urls = [], udpPorts, page, log, logAddresses } = options
  const { store, instance } = options
  checkType(host, 'host', 'string')
  checkInteger(port, 'port', 0, 65_535)
  checkType(open, 'open', 'boolean')
  if (logAddresses !== undefined) checkType(logAddresses, 'logAddresses', 'boolean')
  if (log !== undefined) checkType(log, 'log', 'function')
  if (page !== undefined) checkPage(page)
  if (!Array.isArray(keys)) throw invalid(`keys is a list of access keys, not ${describe(keys)}`)
  if (!Array.isArray(urls)) throw invalid(`urls is a list such as ['wss://relay.example'], not ${describe(urls)}`)
  for (const url of urls) relayAuthority(url)
  if (udpPorts !== undefined && udpPorts !== false) checkPorts(udpPorts)
  resolveRelayLimits(options.limits)
  if (store !== undefined) checkStore(store)
  if (instance !== undefined) relayAuthority(instance)
  if ((store === undefined) !== (instance === undefined)) {
    throw invalid(
      'several instances need both store, which they share, and instance, the URL by which clients dial this one',
    )
  }
  if (keys.length > 0 && open)
    throw invalid('give either keys or open: a relay serves the holders of keys, or every client')
  // spec: STT-RLY-26
  if (keys.length === 0 && !open && !isLoopback(host) && host !== 'localhost') {
    throw invalid(
      `a relay that others reach (${host}) needs keys, the access keys of the seeds that it serves, or open: true to serve every client`,
    )
  }
}

/** @throws SttError `STT_INVALID_ARGUMENT` */
export function checkPage(page: ReadonlyMap<string, Uint8Array>): void {
  const isOne =
    page instanceof Map && [...page].every(each => typeof each[0] === 'string' && each[1] instanceof Uint8Array)
  if (!isOne) throw invalid("page is a Map of files, such as new Map([['/index.html', bytes]])")
}

function checkStore(store: RelayStore): void {
  for (const call of ['put', 'get', 'members', 'count', 'watch'] as const) {
    if (typeof store?.[call] !== 'function') throw invalid(`store is a RelayStore, and this one has no ${call}()`)
  }
}

function checkPorts(ports: unknown): void {
  if (!Array.isArray(ports) || ports.length !== 2) throw invalid(`udpPorts are two ports, not ${describe(ports)}`)
  for (const port of ports) checkInteger(port, 'a port of udpPorts', 0, 65_535)
  if (ports[0] !== 0 && ports[0] === ports[1]) throw invalid('the two udpPorts have to be different')
}

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const LOOPBACK = '127.0.0.1'

const KNOWN: readonly (keyof ListenRelayOptions)[] = [
  'host',
  'port',
  'path',
  'tls',
  'keys',
  'open',
  'urls',
  'udpPorts',
  'limits',
  'clientAddress',
  'origins',
  'page',
  'store',
  'instance',
  'log',
  'logAddresses',
]
