import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** A TCP port of a machine. */
export interface Target {
  /** An address without brackets, or a name in lower case and ASCII. */
  readonly host: string
  readonly port: number
}

/** Where the near side listens, and the target at the far side. */
export interface Forwarding {
  readonly bind: string
  /** 0: any free port. */
  readonly port: number
  readonly target: Target
}

/** @throws CliError unless the text is `HOST:PORT` */
export function parseTarget(text: string): Target {
  const [, host, port] = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? []
  const target = host !== undefined && { host: normalHost(host), port: Number(port) }
  if (target && target.host !== '' && target.port >= 1 && target.port <= 65_535) return target
  throw new CliError(
    ExitCode.usage,
    `${text} is not HOST:PORT, as in localhost:22, db.example:5432 or [::1]:80${text.includes('/udp') ? '; UDP is not forwarded' : ''}`,
  )
}

/** @throws CliError unless the text is `[BIND:]PORT:HOST:PORT`, or `HOST:PORT` for the same port here */
export function parseForwarding(text: string): Forwarding {
  const [, bind = LOOPBACK, port, target] =
    /^(?:(\[[^\]]+\]|[^:[\]]+):)?(\d{1,5}):((?:\[[^\]]+\]|[^:[\]]+):\d{1,5})$/.exec(text) ?? []
  if (target !== undefined && Number(port) <= 65_535) {
    return { bind: withoutBrackets(bind), port: Number(port), target: parseTarget(target) }
  }
  if (/^(\[[^\]]+\]|[^:[\]]+):\d{1,5}$/.test(text) && !/^\d+:/.test(text)) {
    const same = parseTarget(text)
    return { bind: LOOPBACK, port: same.port, target: same }
  }
  throw new CliError(
    ExitCode.usage,
    `${text} is not PORT:HOST:PORT, as in 8080:localhost:80, nor HOST:PORT, nor BIND:PORT:HOST:PORT; IPv6 addresses go in [ ]`,
  )
}

/** Writes a target: `localhost:80`, `[::1]:80`. */
export const formatTarget = ({ host, port }: Target): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The normal form of a host, so that both sides mean the same one; empty if it is malformed. */
function normalHost(text: string): string {
  const host = withoutBrackets(text)
  if (host.includes('%')) return isIP(host) === 6 ? host.toLowerCase() : ''
  if (isIP(host) === 6) return withoutBrackets(new URL(`ws://[${host}]`).hostname)
  // That function cuts off what ends a host in a URL, such as a slash; no name contains these characters.
  if (text.startsWith('[') || /[^\p{L}\p{N}\p{M}._-]/u.test(host)) return ''
  const name = domainToASCII(host)
  return name.length > MAX_HOST ? '' : name
}

const withoutBrackets = (text: string): string => text.replace(/^\[|\]$/g, '')

/** Bytes of a name in DNS. */
export const MAX_HOST = 253
const LOOPBACK = '127.0.0.1'
