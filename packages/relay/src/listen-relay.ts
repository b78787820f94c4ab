import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import { checkInteger, checkOptions } from '@stt/errors'
import { isLoopback } from '@stt/frame'
import { REGISTRY_SUBPROTOCOL, RELAY_SUBPROTOCOL, relayAuthority } from '@stt/rendezvous'
import { type RelayLimits, resolveRelayLimits } from '@stt/rendezvous/server'
import { listenWebSocket, type TlsOptions, type WebSocketLimits } from '@stt/transport-ws'
import { AddressAnswers } from './address-answers.ts'
import { formatMetrics } from './metrics.ts'
import { answerWithPage } from './page.ts'
import { RegistryServer } from './registry-server.ts'
import { checkPage, checkRelayOptions, type ListenRelayOptions } from './relay-options.ts'
import { RelayServer, type RelayServerStatistics } from './relay-server.ts'
import { SharedStore } from './store/shared-store.ts'

/** Parts of a running relay that can be replaced. */
export interface RenewRelayOptions {
  /** Certificate for new connections. Only for a relay that listens at `wss://`. */
  readonly tls?: TlsOptions
  /** Files for browsers, by the path of their URL. */
  readonly page?: ReadonlyMap<string, Uint8Array>
}

/** How to close a relay. */
export interface CloseRelayOptions {
  /** Milliseconds that circuits have to end by themselves, at most a day. Default 0. */
  readonly drain?: number
}

/** A running relay. */
export interface Relay {
  /** The URL where it listens: `ws://127.0.0.1:40123`. Behind a proxy, clients dial another URL. */
  readonly url: string
  /** UDP ports that tell clients their own address; zeros if there are none. */
  readonly udpPorts: readonly [number, number]
  /** Whether it serves every client, or only those with an access key. */
  readonly isOpen: boolean
  /** Counts since the start, and what there is now. */
  getStatistics(): RelayServerStatistics
  /**
   * Replaces the certificate or the page. No connection ends, and after an error nothing has changed.
   *
   * @throws SttError `STT_INVALID_ARGUMENT`, `STT_INVALID_STATE`
   */
  renew(options?: RenewRelayOptions): void
  /** Tells listeners to come back later, refuses new clients, ends the rest after `drain`; resolves when all is closed. */
  close(options?: CloseRelayOptions): Promise<void>
  /** `close()` with its defaults. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a relay: nodes that cannot reach each other dial it, and it passes their sealed packets on.
 *
 * Answers `GET /healthz` and, for Prometheus, `GET /metrics` on the same port.
 *
 * Rejects with `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS`, `STT_ADDRESS_IN_USE` or `STT_LISTEN_FAILED`.
 */
export async function listenRelay(options: ListenRelayOptions = {}): Promise<Relay> {
  checkRelayOptions(options)
  const { store, instance } = options
  const { host = '127.0.0.1', port = 0, keys = [], log = () => {}, udpPorts = portsBeside(port) } = options
  const isOpen = keys.length === 0
  const limits = resolveRelayLimits(options.limits, isOpen)
  let server: RelayServer | undefined
  let closing: Promise<void> | undefined
  let registry: RegistryServer | undefined
  let { page } = options
  let faults = 0
  const onFault = (cause: unknown): void => {
    faults++
    log(`fault: ${cause instanceof Error ? cause.stack : String(cause)}`)
  }
  const guard = (call: () => void): void => {
    try {
      call()
    } catch (cause) {
      onFault(cause)
    }
  }
  const listener = await listenWebSocket({
    ...pick(options, ['path', 'tls', 'clientAddress', 'origins']),
    host,
    port,
    subprotocols: [RELAY_SUBPROTOCOL, REGISTRY_SUBPROTOCOL],
    limits: linkLimits(limits),
    onRequest: (request, response) =>
      (page !== undefined && answerWithPage(page, request, response)) ||
      answer(request, response, { isLeaving: closing !== undefined, metrics: () => formatMetrics(getStatistics()) }),
    onFault,
  })
  const answers = udpPorts === false ? undefined : await openAnswers(listener.address, udpPorts, () => listener.close())
  const dialed = authoritiesOf(options.urls, listener.address)
  // A client that is sent to this instance proves its access for the instance's own URL.
  const authorities = instance === undefined ? dialed : [...new Set([...dialed, relayAuthority(instance)])]
  const ports = answers?.ports ?? NO_PORTS
  const shared =
    store &&
    new SharedStore({
      store,
      instance: instance!,
      recordsPerAddress: limits.recordsPerAddress,
      log,
      onNews: (type, mailbox) => guard(() => server?.onNews(type, mailbox)),
      onBack: () =>
        guard(() => {
          server?.tellAgain()
          registry?.tellAgain()
        }),
    })
  const engineOptions = { entropy: randomBytes, keys, authorities, limits, instance, shared, guard }
  const logsAddresses = options.logAddresses ?? false
  const running = new RelayServer({ ...engineOptions, udpPorts: ports, log, logsAddresses })
  const records = new RegistryServer(engineOptions)
  server = running
  registry = records
  listener.onLink = (link, origin) =>
    origin.subprotocol === REGISTRY_SUBPROTOCOL ? records.take(link, origin) : running.take(link, origin)
  const served = isOpen ? 'everybody' : `the holders of ${keys.length} ${keys.length === 1 ? 'seed' : 'seeds'}`
  log(`listening at ${listener.address} for ${served}${isOpen ? '' : `, dialed as ${authorities.join(' or ')}`}`)

  function getStatistics(): RelayServerStatistics {
    const addressesTold = answers?.answered ?? 0
    return {
      ...server!.getStatistics(),
      registry: registry!.getStatistics(),
      links: listener.getStatistics(),
      addressesTold,
      shared: shared?.getStatistics(),
      faults,
    }
  }

  const close = async (drain: number): Promise<void> => {
    log(`going away: ${running.getStatistics().circuits} circuits have ${drain} ms to end`)
    // A balancer in front of several instances takes another one. A single relay tells clients when to come back.
    if (shared) listener.refuseNew()
    running.goAway()
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, drain)
      running.whenIdle(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    answers?.close()
    await listener.close()
    await shared?.close()
    running.stop()
    records.stop()
  }
  return {
    url: listener.address,
    udpPorts: ports,
    isOpen,
    getStatistics,
    renew(given = {}) {
      checkOptions(given, 'renew', ['tls', 'page'])
      const { tls, page: another } = given
      if (another !== undefined) checkPage(another)
      if (tls !== undefined) listener.renewTls(tls)
      page = another ?? page
    },
    async close(given = {}) {
      checkOptions(given, 'close', ['drain'])
      const { drain = 0 } = given
      checkInteger(drain, 'drain', 0, LONGEST_DRAIN)
      closing ??= close(drain)
      return closing
    },
    [Symbol.asyncDispose]() {
      return (closing ??= close(0))
    },
  }
}

/** Answers a request that does not upgrade to a WebSocket. */
function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { isLeaving, metrics }: { readonly isLeaving: boolean; readonly metrics: () => string },
): void {
  const [path] = (request.url ?? '').split('?', 1)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const say = (status: number, text: string, headers = {}): void => {
    // The connection is not kept: its place is for clients of the relay.
    response.writeHead(status, { Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8', ...headers })
    response.end(request.method === 'HEAD' ? '' : text)
  }
  // A balancer sends no more clients to an instance that answers 503.
  if (isRead && path === '/healthz') say(isLeaving ? 503 : 200, isLeaving ? 'going away\n' : 'ok\n')
  else if (isRead && path === '/metrics') say(200, metrics())
  else say(426, 'this is a relay of STT, which speaks WebSocket\n', { Upgrade: 'websocket' })
}

/** Room for all that the relay may have together. The engine itself limits each kind of connection. */
function linkLimits(limits: RelayLimits): Partial<WebSocketLimits> {
  const { listeners, circuits, tickets, listenersPerAddress, circuitsPerAddress, circuitsPerListener } = limits
  const { registryClients, registryClientsPerAddress } = limits
  const maxLinks = Math.min(listeners + 2 * circuits + tickets + registryClients, MOST_LINKS)
  const perAddress = listenersPerAddress * (1 + circuitsPerListener) + 2 * circuitsPerAddress
  const maxLinksPerAddress = perAddress + registryClientsPerAddress
  return { highWaterMark: MOST_UNSENT, maxLinks, maxLinksPerAddress: Math.min(maxLinksPerAddress, maxLinks) }
}

async function openAnswers(
  address: string,
  ports: readonly [number, number],
  giveUp: () => Promise<void>,
): Promise<AddressAnswers> {
  try {
    return await AddressAnswers.open(hostOf(address), ports)
  } catch (error) {
    await giveUp()
    throw error
  }
}

/** Host and port of each URL by which clients may dial this relay; for a wildcard address, those of each address of this machine. */
function authoritiesOf(urls: readonly string[] | undefined, address: string): string[] {
  if (urls && urls.length > 0) return urls.map(relayAuthority)
  const { protocol, port } = new URL(address)
  const host = hostOf(address)
  const own = Object.values(networkInterfaces()).flatMap(each => each?.map(({ address }) => address) ?? [])
  const hosts = host === '0.0.0.0' || host === '::' ? ['localhost', ...own] : [host]
  if (isLoopback(host)) hosts.push('localhost')
  return hosts.map(each =>
    relayAuthority(`${protocol}//${each.includes(':') ? `[${each.split('%')[0]}]` : each}:${port}`),
  )
}

const hostOf = (address: string): string => new URL(address).hostname.replace(/^\[|\]$/g, '')

const portsBeside = (port: number): readonly [number, number] =>
  port === 0 || port === 65_535 ? NO_PORTS : [port, port + 1]

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(names.filter(name => from[name] !== undefined).map(name => [name, from[name]])) as Partial<
    Pick<T, K>
  >
}

const NO_PORTS = [0, 0] as const
/** Bytes to one end that the network has not taken, above which the other end is not read. */
// spec: STT-RLY-13
const MOST_UNSENT = 256 * 1_024
/** The highest limit that a WebSocket listener accepts. */
const MOST_LINKS = 10_000_000
const LONGEST_DRAIN = 86_400_000
