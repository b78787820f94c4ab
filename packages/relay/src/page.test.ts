import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { listenRelay, type Relay } from './listen-relay.ts'
import { readPage } from './page.ts'

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'stt page '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** The answer to a request as it stands, since `fetch` tidies paths. */
async function ask(relay: Relay, request: string): Promise<string> {
  const socket = connect(Number(new URL(relay.url).port), '127.0.0.1')
  socket.end(`${request} HTTP/1.1\r\nHost: relay\r\n\r\n`)
  return text(socket)
}

test('gives the files of its page, and no other', async () => {
  const folder = folderOf({ 'index.html': '<p>', 'a b/c.mjs': 'export {}', '.secret': 'secret', 'in/index.html': 'in' })
  symlinkSync('/etc/passwd', join(folder, 'passwd'))
  symlinkSync('/etc', join(folder, 'etc'))
  await using relay = await listenRelay({ page: readPage(folder) })
  expect(await ask(relay, 'GET /')).toMatch(
    /^HTTP\/1\.1 200 [\s\S]*Content-Type: text\/html; charset=utf-8\r\n[\s\S]*\r\n\r\n<p>$/,
  )
  expect(await ask(relay, 'GET /')).toMatch(/Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; [^\r]*frame-ancestors 'none'\r\n/) // biome-ignore format: one line
  expect(await ask(relay, 'GET /in/?x')).toMatch(/\r\n\r\nin$/)
  expect(await ask(relay, 'GET /a%20b/c.mjs')).toMatch(/text\/javascript[\s\S]*\r\n\r\nexport \{\}$/)
  expect(await ask(relay, 'HEAD /index.html')).toMatch(/Content-Length: 3\r\n[\s\S]*\r\n\r\n$/)
  const not = [
    '/.secret',
    '/passwd',
    '/etc/passwd',
    '/../etc/passwd',
    '/in/../.secret',
    '/%2e%2e/x',
    '/%',
    '/in',
    '//etc/passwd',
  ]
  for (const path of not) expect(await ask(relay, `GET ${path}`), path).toMatch(/^HTTP\/1\.1 426 /)
  expect(await ask(relay, 'POST /')).toMatch(/^HTTP\/1\.1 426 /)
  expect(await ask(relay, 'GET /healthz')).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nok\n\r\n/)
  relay.renew({ page: readPage(folderOf({ 'index.html': 'another' })) })
  expect(await ask(relay, 'GET /')).toMatch(/\r\n\r\nanother$/)
  expect(await ask(relay, 'GET /in/')).toMatch(/^HTTP\/1\.1 426 /)
})

test('a folder that is no page is refused', () => {
  expect(() => readPage('/nowhere/at/all')).toThrow(/cannot be read/)
  expect(() => readPage(folderOf({ 'start.html': '' }))).toThrow(/no index\.html/)
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`${i}`, '']))
  expect(() => readPage(folderOf({ 'index.html': '', ...many }))).toThrow(/more than 1000 files/)
})
