import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** A TCP port of a machine, as its text on the wire names it. */
export interface Target {
  /** An address without brackets, or a name in lower case and ASCII. */
  readonly host: string
  readonly port: number
}

/** Where the near side listens, and what the far side connects that to. */
export interface Forwarding {
  readonly bind: string
  /** 0: any that is free. */
  readonly port: number
  readonly target: Target
}

/** @throws CliError for what is no `HOST:PORT` */
export function parseTarget(text: string): Target {
  const [, host, port] = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? []
  const target = host !== undefined && { host: normalHost(host), port: Number(port) }
  if (target && target.host !== '' && target.port >= 1 && target.port <= 65_535) return target
  throw new CliError(
    ExitCode.usage,
    `${text} is not HOST:PORT, as in localhost:22, db.example:5432 or [::1]:80${text.includes('/udp') ? '; UDP is not forwarded' : ''}`,
  )
}

/** @throws CliError for what is neither `[BIND:]PORT:HOST:PORT` nor `HOST:PORT`, which is the same port here */
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

/** `localhost:80`, `[::1]:80`. */
export const formatTarget = ({ host, port }: Target): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The one way to write a host, so that both sides mean the same; empty for what is none. */
function normalHost(text: string): string {
  const host = withoutBrackets(text)
  if (host.includes('%')) return isIP(host) === 6 ? host.toLowerCase() : ''
  if (isIP(host) === 6) return withoutBrackets(new URL(`ws://[${host}]`).hostname)
  // What a URL ends a host with is cut off by that function, and is no part of a name.
  if (text.startsWith('[') || /[^\p{L}\p{N}\p{M}._-]/u.test(host)) return ''
  const name = domainToASCII(host)
  return name.length > MAX_HOST ? '' : name
}

const withoutBrackets = (text: string): string => text.replace(/^\[|\]$/g, '')

/** Bytes of a name in DNS. */
export const MAX_HOST = 253
const LOOPBACK = '127.0.0.1'
