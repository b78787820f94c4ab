import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { findChromium, launchChromium } from '@stt/testing/page'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

const dist = join(import.meta.dirname, '../dist')
const chromium = findChromium()
const missing = chromium
  ? existsSync(join(dist, 'index.html'))
    ? undefined
    : 'it is not built (npm run site)'
  : 'there is no Chromium (apt-get install chromium)'

/** One of each kind: the front, the guide, wide tables, long code, a program, the longest documents, the reference. */
const PAGES = [
  ...['index.html', 'guide/start.html', 'guide/comparison.html', 'guide/coming-from.html', 'overview.html'],
  ...['packages/node.html', 'programs/passwords.html', 'protocol.html', 'protocol-index.html', 'review.html'],
  ...['security.html', 'performance.html', '404.html'],
  ...[
    'api/index.html',
    'api/modules/_stt_node.html',
    'api/variables/_stt_node.STTNode.html',
    'api/classes/_stt_crypto.Seed.html',
  ],
  ...['api/interfaces/_stt_node.NodeLimits.html', 'api/functions/_stt_relay.listenRelay.html'],
]

describe.skipIf(missing)(missing ? `the site: SKIPPED, ${missing}` : 'the site in Chromium', () => {
  let server: Server
  let origin: string
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = join(dist, decodeURIComponent(new URL(request.url!, 'http://site').pathname))
      response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream')
      if (existsSync(path)) return response.end(readFileSync(path))
      response.statusCode = 404
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const widths: readonly (readonly [width: number, colorScheme: 'light' | 'dark'])[] = [
    [1_400, 'light'],
    [1_400, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ]

  test.each(widths)(
    '%i pixels wide, %s: nothing fails, nothing leaves the page, and axe finds nothing',
    async (width, colorScheme) => {
      expect(await problemsOf(origin, PAGES, width, colorScheme)).toEqual([])
    },
    LONG,
  )

  test(
    'every document: nothing fails, and axe finds nothing',
    async () => {
      const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.html'))
      const documents = pages.filter(file => !file.startsWith('api') && !PAGES.includes(file))
      expect(documents.length).toBeGreaterThan(20)
      expect(await problemsOf(origin, documents, 1_400, 'light')).toEqual([])
    },
    LONG,
  )
})

/** What is wrong with these pages, a line each. */
async function problemsOf(
  origin: string,
  pages: readonly string[],
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<string[]> {
  const browser = await launchChromium(chromium!)
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  const problems: string[] = []
  tab.on('pageerror', error => problems.push(`${tab.url()}: ${error.message}`))
  tab.on('response', response => {
    if (response.status() >= 400) problems.push(`${tab.url()} asks for ${response.url()}, which is not there`)
  })
  for (const page of pages) {
    await tab.goto(`${origin}/${page}`)
    // TypeDoc makes its navigation in the page.
    if (page.startsWith('api/'))
      await tab.waitForSelector('#tsd-nav-container summary:not(:has(a))', { state: 'attached' })
    const { overflow, isDark } = await tab.evaluate(LOOK)
    if (overflow > 0) problems.push(`${page}: ${overflow} pixels wider than the window`)
    if (isDark !== (colorScheme === 'dark')) problems.push(`${page}: it is not ${colorScheme}`)
    await tab.evaluate(AXE)
    const { violations } = await tab.evaluate<AxeResults>('axe.run()')
    for (const { help, nodes } of violations)
      problems.push(`${page}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(', ')}`)
  }
  return problems
}

/** Runs in the page: how far it is too wide, and whether its ground is dark. */
const LOOK = `({
  overflow: document.documentElement.scrollWidth - innerWidth,
  isDark: Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)) < 128,
})` as unknown as () => { overflow: number; isDark: boolean }

/** What finds a page that cannot be read by everybody: contrast, names, landmarks, the order of headings. */
const AXE: string = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LONG = 180_000

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
