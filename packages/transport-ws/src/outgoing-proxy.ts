import { BlockList, isIP, isIPv6 } from 'node:net'
import { describe, SttError, type SttErrorCode } from '@stt/errors'

/** An HTTP proxy that a connection goes through. */
export interface OutgoingProxy {
  /** With its user and password, if it has them. */
  readonly url: URL
  /** The option or variable that names the proxy: `HTTPS_PROXY`. */
  readonly from: string
}

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Finds the proxy for a WebSocket: that of the option, or that of the environment, `HTTPS_PROXY` for `wss:` and `HTTP_PROXY` for
 * `ws:`, each in lower case too, unless `NO_PROXY` lists the host. Connections to this machine use no proxy of the environment.
 *
 * @param option a URL; `false` for none
 * @throws SttError if the text is no URL of an HTTP proxy: `STT_INVALID_ARGUMENT` for the option, `STT_CONNECT_FAILED` for a
 *   variable, which another address may not need
 */
// spec: STT-WS-31
export function outgoingProxy(
  { protocol, hostname, port }: URL,
  option: string | false | undefined,
  environment: Environment,
): OutgoingProxy | undefined {
  if (option === false) return undefined
  if (option !== undefined)
    return { url: proxyUrl(option, 'the option proxy', 'STT_INVALID_ARGUMENT'), from: 'the option proxy' }
  const secure = protocol === 'wss:'
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isThisMachine(host)) return undefined
  const name = secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const value = variable(name, environment)
  if (!value) return undefined
  const excluded = variable('NO_PROXY', environment) ?? ''
  if (isExcluded(host, port || (secure ? '443' : '80'), excluded)) return undefined
  return { url: proxyUrl(value, name, 'STT_CONNECT_FAILED'), from: name }
}

/** @throws SttError `STT_INVALID_ARGUMENT`; its message never repeats a password */
export function checkProxy(option: unknown): void {
  if (option === false) return
  if (typeof option !== 'string') {
    const message = `proxy is the URL of a proxy, such as http://proxy.example:3128, or false, not ${describe(option)}`
    throw new SttError('STT_INVALID_ARGUMENT', message)
  }
  proxyUrl(option, 'the option proxy', 'STT_INVALID_ARGUMENT')
}

function proxyUrl(text: string, from: string, code: SttErrorCode): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.hostname !== '') return url
  const message = `${from} names no HTTP proxy: one looks like http://user:password@proxy.example:3128, or https://…`
  throw new SttError(code, message)
}

function variable(name: string, environment: Environment): string | undefined {
  const [small, capital] = [read(name.toLowerCase(), environment), read(name, environment)]
  // In a CGI program HTTP_PROXY is the header `Proxy` of the client's request.
  const isCgi = name === 'HTTP_PROXY' && read('REQUEST_METHOD', environment) !== undefined
  return isCgi ? small : small || capital
}

/** A variable that the program may not read, as under Deno without `--allow-env`, counts as not set. */
function read(name: string, environment: Environment): string | undefined {
  try {
    return environment[name]
  } catch (error) {
    if (/^(NotCapable|PermissionDenied)$/.test((error as Error).name)) return undefined
    throw error
  }
}

function isThisMachine(host: string): boolean {
  return /^(.+\.)?localhost\.?$/i.test(host) || (isIP(host) !== 0 && LOOPBACK.check(host, familyOf(host)))
}

/** Whether a list such as `example.org, .example.net:8080, 10.0.0.0/8` contains the host. `*` contains every host. */
function isExcluded(host: string, port: string, list: string): boolean {
  const entries = list.split(/[\s,]+/).filter(entry => entry !== '')
  return entries.some(entry => {
    if (entry === '*') return true
    const [, name = entry, wantedPort] = WITH_PORT.exec(entry) ?? []
    if (wantedPort !== undefined && wantedPort !== port) return false
    return matches(host.toLowerCase(), name.toLowerCase().replace(/^\[|\]$/g, ''))
  })
}

function matches(host: string, entry: string): boolean {
  if (isIP(host) !== 0) return host === entry || isInNetwork(host, entry)
  const name = entry.replace(/^\*?\./, '')
  return host === name || host.endsWith(`.${name}`)
}

function isInNetwork(ip: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  if (isIP(network) !== isIP(ip) || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIPv6(ip) ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits), familyOf(network))
  return list.check(ip, familyOf(ip))
}

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIPv6(ip) ? 'ipv6' : 'ipv4')

/** An IPv6 address without brackets has no port behind it. */
const WITH_PORT = /^(\[[^\]]*\]|[^:]*):(\d+)$/

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')
