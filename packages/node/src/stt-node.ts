import { isIP } from 'node:net'
import { inspect } from 'node:util'
import { randomBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { punchHoles } from '@stt/session'
import { tierOf } from './addresses/path-tier.ts'
import { resolveHost } from './addresses/resolve-host.ts'
import type { AnyNode } from './api/node.ts'
import type { NodeStream } from './api/node-stream.ts'
import type { Environment } from './core/environment.ts'
import { NodeCore } from './core/node-core.ts'
import { loadLan } from './discovery/load-lan.ts'
import { acceptLink } from './listen/accept-link.ts'
import { listenerPlugin } from './listen/listener-plugin.ts'
import { openUdpAcceptor } from './listen/udp-acceptor.ts'
import { openWebSocketAcceptor } from './listen/ws-acceptor.ts'
import { systemAddresses } from './network/system-interfaces.ts'
import { watchSystemNetwork } from './network/system-network.ts'
import { watchNode } from './observe/diagnostics.ts'
import { createQlog } from './observe/qlog.ts'
import {
  checkTransportOptions,
  dialingOptions,
  listeningOptions,
  NODE_OPTIONS,
  type NodeOptions,
} from './options/node-options.ts'
import { checkNodeOptions } from './options/options.ts'
import { policyOf } from './peers/peer-rules.ts'
import { Puncher } from './punch/puncher.ts'
import { openPunchSocket } from './punch/udp-punch-socket.ts'
import { NodeStreamCore } from './stream/node-stream-core.ts'
import { systemClock } from './time/clock.ts'
import { udpTransport, webSocketTransport } from './transports.ts'

/** A program's place in STT: it listens, dials, and holds the sessions with its peers. */
export type STTNode = AnyNode<NodeStream>

export const STTNode = {
  /**
   * Makes a node and binds every address of `listen`; if one of them fails it binds none and rejects.
   *
   * Rejects with `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS`, `STT_ADDRESS_IN_USE`, `STT_LISTEN_FAILED` or `STT_LOAD_FAILED`.
   *
   * @example
   * const node = await STTNode.create({ seed: Seed.generate(), listen: ['udp://0.0.0.0:4433'] })
   */
  async create(options: NodeOptions): Promise<STTNode> {
    checkNodeOptions(options, NODE_OPTIONS)
    await checkTransportOptions(options)
    return NodeCore.create(options, nodeEnvironment(options))
  },
}

const nodeEnvironment = ({ udp, ws = {}, qlog, paths }: NodeOptions): Environment<NodeStreamCore> => ({
  // Node reads every socket that is ready, up to 32 datagrams of each, before it calls what was set so.
  clock: { ...systemClock, afterReads: callback => void setImmediate(callback) },
  entropy: randomBytes,
  wallClock: () => Date.now(),
  policyOf,
  listener: listenerPlugin,
  acceptLink,
  async openAcceptor(text, address, context) {
    const { scheme, host, port } = address
    if (scheme !== 'udp') return openWebSocketAcceptor(address, context, await listeningOptions(text, address, ws))
    const { listenUdp } = await udpTransport()
    return openUdpAcceptor(await listenUdp({ ...udp, host, port }), context)
  },
  async resolve(host, onMore, { scheme, port, relay }) {
    // A proxy knows names that this machine's name server may not.
    const mayBeItsMatter = scheme !== 'udp' && isIP(host) === 0
    if (!mayBeItsMatter) return resolveHost(host, onMore)
    const { proxyOf } = await webSocketTransport()
    const proxy = proxyOf(relay?.url ?? `${scheme}://${host}:${port}`, ws)
    return proxy === undefined ? resolveHost(host, onMore) : [host]
  },
  async openLink(text, { scheme, host, port }, signal) {
    const abort = signal ? { signal } : {}
    if (scheme !== 'udp') {
      const { dialWebSocket } = await webSocketTransport()
      const ip = isIP(host) === 0 ? {} : { ipAddress: host }
      return { link: await dialWebSocket(text, { ...dialingOptions(ws), ...abort, ...ip }) }
    }
    const { dialUdp, formatUdpUrl } = await udpTransport()
    const link = await dialUdp(formatUdpUrl({ address: host, port }), { ...udp, ...abort })
    return { link, localAddress: link.local }
  },
  async openRelay(url, { subprotocol, remote, host, signal }) {
    const { dialWebSocket } = await webSocketTransport()
    const { ca, proxy, limits } = dialingOptions(ws)
    return dialWebSocket(url, {
      subprotocol,
      remote,
      ...(signal && { signal }),
      ...(host !== undefined && isIP(host) !== 0 && { ipAddress: host }),
      // Headers and a server name are for those whom this node dials itself.
      ...(ca && { ca }),
      ...(proxy !== undefined && { proxy }),
      ...(limits && { limits }),
    })
  },
  punching: {
    plugin: punchHoles,
    createPuncher: config =>
      new Puncher({
        ...config,
        ownAddresses: systemAddresses,
        openSocket: family => openPunchSocket(family, paths?.openerTtl, udp),
      }),
  },
  loadLan,
  tierOf: address => tierOf(address, systemAddresses),
  watchNetwork: watchSystemNetwork(warn),
  createStream: NodeStreamCore.create,
  watch(id, warnSometimes) {
    const onFailed = (cause: unknown): void =>
      warnSometimes(
        new SttError('STT_INVALID_STATE', 'a qlog could not be written, and its session goes on without one', {
          cause,
        }),
      )
    return watchNode(id, qlog && ((session, now) => createQlog(qlog, session, now, onFailed)))
  },
  warn,
})

function warn(error: Error): void {
  // Node prints a warning's message, and its `detail`, but neither its stack nor its cause: the line to look at is there.
  const detail = error.cause === undefined ? {} : { detail: inspect(error.cause) }
  process.emitWarning(Object.assign(error, detail))
}
