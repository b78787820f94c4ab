import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { SttError } from '@stt/errors'

/** Files that a relay gives to browsers, by the path of their URL. */
export type Page = ReadonlyMap<string, Uint8Array>

/**
 * Reads the files of a folder and its subfolders, except for hidden ones and links. Requests are looked up among the files that
 * were read, so no path of a request reaches the file system.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for a folder that cannot be read, has no index.html or is too large
 */
export function readPage(folder: string): Page {
  const page = new Map<string, Uint8Array>()
  let left = MAX_BYTES
  const add = (path: string, url: string): void => {
    for (const entry of entriesOf(path)) {
      if (entry.name.startsWith('.')) continue
      const below = join(path, entry.name)
      if (entry.isDirectory()) add(below, `${url}${entry.name}/`)
      if (!entry.isFile()) continue
      left -= statSync(below).size
      if (left < 0 || page.size >= MAX_FILES) {
        throw invalid(`the page ${folder} has more than ${MAX_FILES} files or ${MAX_BYTES} bytes: it is kept in memory`)
      }
      page.set(url + entry.name, readFileSync(below))
    }
  }
  add(folder, '/')
  if (page.has('/index.html')) return page
  throw invalid(`the page ${folder} has no index.html`)
}

/** Answers a request with a file of the page. @returns whether it did */
export function answerWithPage(page: Page, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const [raw] = (request.url ?? '').split('?', 1)
  const path = decoded(raw!)
  const name = path.endsWith('/') ? `${path}index.html` : path
  const bytes = page.get(name)
  if (!bytes) return false
  response.writeHead(200, {
    // The connection is not kept: its place is for clients of the relay.
    Connection: 'close',
    'Content-Type': TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': POLICY,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
  return true
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A malformed URL names no file.
    return ''
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (cause) {
    throw new SttError('STT_INVALID_ARGUMENT', `the page cannot be read: ${(cause as Error).message}`, { cause })
  }
}

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

/**
 * A page on this relay holds seeds: it loads no file from elsewhere, no other page shows it in a frame, and no inline script runs.
 * WebAssembly is allowed, and so is any relay, because a pairing names its own relays.
 */
const POLICY: string = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const MAX_FILES = 1_000
const MAX_BYTES = 64 * 1_048_576
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}
