import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { findChromium, launchChromium } from '@stt/testing/page'
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
  ...['security.html', 'performance.html', 'api/index.html'],
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

  test.each([
    [1_400, 'light'],
    [1_400, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    '%i pixels wide, %s: nothing fails, nothing leaves the page, text can be told from its ground',
    async (width, colorScheme) => {
      const browser = await launchChromium(chromium!)
      onTestFinished(() => browser.close())
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } })
      const tab = await context.newPage()
      const problems: string[] = []
      tab.on('pageerror', error => problems.push(`${tab.url()}: ${error.message}`))
      tab.on('response', response => {
        if (response.status() >= 400) problems.push(`${tab.url()} asks for ${response.url()}, which is not there`)
      })
      for (const page of PAGES) {
        await tab.goto(`${origin}/${page}`)
        const found = await tab.evaluate(LOOK)
        if (found.overflow > 0) problems.push(`${page}: ${found.overflow} pixels wider than the window`)
        if (found.contrast < 4.5) problems.push(`${page}: its text has a contrast of ${found.contrast.toFixed(1)}`)
        if (found.isDark !== (colorScheme === 'dark')) problems.push(`${page}: it is not ${colorScheme}`)
      }
      expect(problems).toEqual([])
    },
  )
})

/** Runs in the page: how far it is too wide, and how its text stands out (WCAG 2, 4.5 at least). */
const LOOK = `(() => {
  const luminance = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (!/, 0\\)$/.test(color)) return luminance(color)
    }
    return 1
  }
  const text = document.querySelector('.vp-doc p, .tagline, .tsd-panel, main p, main') ?? document.body
  const [front, back] = [luminance(getComputedStyle(text).color), ground(text)]
  const [light, dark] = front > back ? [front, back] : [back, front]
  return {
    overflow: document.documentElement.scrollWidth - innerWidth,
    contrast: (light + 0.05) / (dark + 0.05),
    isDark: back < 0.5,
  }
})()` as unknown as () => { overflow: number; contrast: number; isDark: boolean }

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
