import { existsSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type Browser, chromium, type Page as Tab } from 'playwright-core'
import { testCertificate, testKey } from '../tls.ts'

/** The Chromium of this machine, if there is one (Debian: chromium). */
export const findChromium = (): string | undefined =>
  ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(path => existsSync(path))

export const launchChromium = (executablePath: string, ...flags: string[]): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...FLAGS, ...flags] })

/** A web site on loopback with one empty page that runs `page.js`. */
export interface Site {
  readonly origin: string
  /** Paths that were asked for. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** @param policy what its `Content-Security-Policy` says */
export async function serve(
  files: ReadonlyMap<string, string>,
  scheme: 'http' | 'https' = 'http',
  policy = '',
): Promise<Site> {
  const requests: string[] = []
  const answer: RequestListener = ({ url = '/' }, response) => {
    requests.push(url)
    const module = files.get(url.slice(1))
    if (policy !== '') response.setHeader('Content-Security-Policy', policy)
    response.setHeader('Content-Type', module ? 'text/javascript' : 'text/html')
    response.end(module ?? PAGE)
  }
  const server: Server =
    scheme === 'http' ? createServer(answer) : createSecureServer({ key: testKey, cert: testCertificate }, answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Opens the page, and waits until its module has run. */
export async function openTab(browser: Browser, { origin }: Site, onError: (error: Error) => void): Promise<Tab> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const tab = await context.newPage()
  tab.on('pageerror', onError)
  // Modules run before the page counts as loaded.
  await tab.goto(origin)
  return tab
}

const FLAGS: string[] = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]
const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
