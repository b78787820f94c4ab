import { acceptKey } from './accept-key.ts'
import { headerTokens, listsToken } from './tokens.ts'

/** The part of a request that the server checks; `http.IncomingMessage` has it. */
export interface UpgradeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The answer to a refused request. */
export interface UpgradeRefusal {
  /** HTTP status. */
  readonly status: number
  /** The reason, for the person who reads it at the other end. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The requests that a server accepts. */
export interface UpgradeTerms {
  /** Subprotocols of the server, the preferred one first. */
  readonly subprotocols: readonly string[]
  /** Origins of pages that may connect; all if undefined. */
  readonly origins?: readonly string[] | undefined
}

/**
 * The subprotocol with which a server accepts an upgrade, or its refusal (RFC 6455 §4.2.1). A faulty request is never repaired.
 */
export function judgeRequest(
  request: UpgradeRequest,
  { subprotocols, origins }: UpgradeTerms,
): string | UpgradeRefusal {
  const { method, httpVersion } = request
  const header = (name: string): string | undefined => single(request.headers[name])
  // spec: STT-WS-1
  if (method !== 'GET') return { status: 405, message: 'a WebSocket begins with GET', headers: { Allow: 'GET' } }
  if (httpVersion !== '1.1') return badRequest('a WebSocket begins with HTTP/1.1')
  if (!header('host')) return badRequest('the Host header is missing')
  if (header('upgrade')?.toLowerCase() !== 'websocket') return upgradeRequired('Upgrade must be websocket')
  if (!listsToken(header('connection'), 'upgrade')) return badRequest('Connection must list Upgrade')
  if (header('transfer-encoding') !== undefined || (header('content-length') ?? '0') !== '0') {
    return badRequest('an upgrade request has no body')
  }
  if (header('sec-websocket-version') !== VERSION) return upgradeRequired(`Sec-WebSocket-Version must be ${VERSION}`)
  if (!KEY.test(header('sec-websocket-key') ?? '')) return badRequest('Sec-WebSocket-Key must be 16 bytes in base64')
  // spec: STT-WS-2
  const offered = headerTokens(header('sec-websocket-protocol'))
  const agreed = subprotocols.find(each => offered.includes(each))
  if (agreed === undefined) return badRequest(`Sec-WebSocket-Protocol must offer ${subprotocols.join(' or ')}`)
  // spec: STT-WS-21
  const origin = header('origin')
  if (origins && origin !== undefined && !origins.includes(origin)) {
    return { status: 403, message: 'pages of this origin may not connect' }
  }
  return agreed
}

/** The response that accepts a checked request. It names no extension, so none is agreed. spec: STT-WS-4 */
export function formatAcceptance(request: UpgradeRequest, subprotocol: string): string {
  return formatHead('101 Switching Protocols', {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptKey(single(request.headers['sec-websocket-key'])!),
    'Sec-WebSocket-Protocol': subprotocol,
  })
}

/** The response that refuses a request; the connection ends after it. spec: STT-WS-5 */
export function formatRefusal({ status, message, headers }: UpgradeRefusal): string {
  const body = `${message}\n`
  const head = formatHead(`${status} ${REASONS[status] ?? 'Refused'}`, {
    Connection: 'close',
    'Content-Type': 'text/plain',
    'Content-Length': String(body.length),
    ...headers,
  })
  return head + body
}

function formatHead(status: string, headers: Readonly<Record<string, string>>): string {
  let head = `HTTP/1.1 ${status}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`
  return `${head}\r\n`
}

/** A header as one line. Node gives an array only for headers that an upgrade does not use. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function badRequest(message: string): UpgradeRefusal {
  return { status: 400, message }
}

function upgradeRequired(message: string): UpgradeRefusal {
  return { status: 426, message, headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION } }
}

/** Header of a listener's 429 or 503 with the name of its limit. A proxy's answer has none. */
export const LIMIT_HEADER = 'stt-limit'

const VERSION = '13'
/** 16 bytes in base64: the last character before the padding carries two bits only. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  500: 'Internal Server Error',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
}
