import { acceptKey } from './accept-key.ts'
import { headerTokens, listsToken } from './tokens.ts'

/** What the server's checks need of a request; `http.IncomingMessage` is one. */
export interface UpgradeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface UpgradeRefusal {
  readonly status: number
  /** For the person who reads it at the other end. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a server takes. */
export interface UpgradeTerms {
  /** Those that it speaks, the one that it likes best first. */
  readonly subprotocols: readonly string[]
  readonly origins?: readonly string[] | undefined
}

/**
 * The subprotocol with which a server accepts an upgrade, or why it refuses it (RFC 6455 §4.2.1). Nothing is repaired.
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

/** The bytes that accept a checked request; extensions are never answered, so none is agreed. spec: STT-WS-4 */
export function formatAcceptance(request: UpgradeRequest, subprotocol: string): string {
  return formatHead('101 Switching Protocols', {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptKey(single(request.headers['sec-websocket-key'])!),
    'Sec-WebSocket-Protocol': subprotocol,
  })
}

/** The bytes that refuse a request; the connection ends after them. spec: STT-WS-5 */
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

/** A header as one line; Node gives an array only for headers that no upgrade has. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function badRequest(message: string): UpgradeRefusal {
  return { status: 400, message }
}

function upgradeRequired(message: string): UpgradeRefusal {
  return { status: 426, message, headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION } }
}

/** The name of the limit that a listener's 429 or 503 is about: what tells it from a proxy's. */
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
