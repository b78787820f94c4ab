import { join } from 'node:path'
import { type Browser, describeChromium, type SuiteBrowser, type Tab } from '@stt/testing/page'
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest'
import { Site } from './site.ts'
import { Machine, type Run } from './stt.ts'

export interface OpenOptions {
  /** Bytes that the browser gives the page. */
  readonly quota?: number
  /** Lets the page ask for places to save at. A headless browser chooses none: without this files are saved as browsers without a picker do. */
  readonly pickers?: string
  /** A script that runs in the page before all else. */
  readonly before?: string
}

/**
 * A suite of pages that one site gives to one Chromium.
 *
 * @param slower what the site's relay passes: bytes a second, and at once
 */
export function describePages(
  title: string,
  slower: { readonly rate: number; readonly burst: number } | undefined,
  suite: (pages: Pages) => void,
): void {
  describeChromium(title, chromium => {
    const pages = new Pages(chromium)
    beforeAll(async () => {
      pages.site = await Site.open(slower)
    })
    afterAll(() => pages.site.kill())
    afterEach(() => expect(pages.problems.splice(0)).toEqual([]))
    suite(pages)
  })
}

/** Pages of one Chromium, each as on a device of its own. */
export class Pages {
  readonly chromium: SuiteBrowser<Browser>
  /** There in tests. */
  site!: Site
  /** Messages that no page may print. */
  readonly problems: string[] = []

  constructor(chromium: SuiteBrowser<Browser>) {
    this.chromium = chromium
  }

  async open(
    address: string = this.site.page,
    { quota, pickers = NO_PICKERS, before = '' }: OpenOptions = {},
  ): Promise<Tab> {
    const context = await this.chromium.browser.newContext({ acceptDownloads: true })
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.addInitScript(`${pickers}; ${before}`)
    tab.on('pageerror', error => this.problems.push(String(error)))
    tab.on('console', message => {
      // The browser itself says what a policy refused, and what a lost relay is.
      if (/Content.Security.Policy|Refused to/i.test(message.text())) this.problems.push(message.text())
    })
    if (quota !== undefined) {
      const devtools = await context.newCDPSession(tab)
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(this.site.page).origin, quotaSize: quota }) // biome-ignore format: one line
    }
    await tab.goto(address)
    return tab
  }

  /** A machine that has made a pairing. @returns it, and the link of its code */
  async invitation(): Promise<readonly [Machine, string]> {
    const machine = new Machine()
    const pairing = machine.start('pair', 'phone', '--page', this.site.page, '--relay', this.site.relay)
    const { uri } = await pairing.line('pairing')
    expect(await pairing.exit).toBe(0)
    return [machine, uri as string]
  }

  /** A machine, and a page that has scanned its code. */
  async paired(options?: OpenOptions): Promise<readonly [Machine, Tab]> {
    const [machine, link] = await this.invitation()
    const tab = await this.open(link, options)
    await accept(tab)
    await heading(tab, 'Machine 1').waitFor()
    return [machine, tab]
  }

  /** Two pages that are paired with each other. */
  async pairedPages(): Promise<readonly [Tab, Tab]> {
    const one = await this.open()
    await one.getByRole('button', { name: 'Make it' }).click()
    const link = one.getByRole('link', { name: 'Open it on this device' })
    const other = await this.open((await link.getAttribute('href'))!)
    await accept(other)
    await one.getByRole('button', { name: 'I have it there' }).click()
    await heading(other, 'Machine 1').waitFor()
    return [one, other]
  }
}

/** Says yes to a link. */
export const accept = (tab: Tab): Promise<void> =>
  tab.locator('.ask').getByRole('button', { name: 'Pair', exact: true }).click()
export const heading = (tab: Tab, name: string): ReturnType<Tab['getByRole']> => tab.getByRole('heading', { name, level: 2 }) // biome-ignore format: one line
export const isThere = (tab: Tab): Promise<void> => tab.getByText('It is there.').waitFor()
export const shows = (tab: Tab, text: string | RegExp): Promise<void> => tab.getByText(text).first().waitFor({ timeout: 110_000 }) // biome-ignore format: one line
export const choose = (tab: Tab, ...paths: string[]): Promise<void> => tab.locator('input[type=file]').first().setInputFiles(paths) // biome-ignore format: one line

export async function save(tab: Tab, path: string): Promise<string> {
  const waiting = tab.waitForEvent('download')
  await tab.getByRole('button', { name: `Save ${path}`, exact: true }).click()
  return (await waiting).path()
}

/** A machine that waits for what the page sends. */
export async function receiver(
  machine: Machine,
  ...words: string[]
): Promise<{ readonly run: Run; readonly into: string }> {
  const into = join(machine.folder, 'in')
  const run = machine.start('receive', 'phone', '--into', into, ...words)
  await run.line('listening')
  return { run, into }
}

const NO_PICKERS = 'delete globalThis.showSaveFilePicker; delete globalThis.showDirectoryPicker'
