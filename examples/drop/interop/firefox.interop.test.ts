import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Firefox, findFirefox, launchFirefox, type FirefoxTab as Tab } from '@stt/testing/page'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hashOf, randomFile, Site } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

const firefox = findFirefox()
const name = firefox ? 'the page in Firefox' : 'the page in Firefox: SKIPPED, it is not installed (apt-get install firefox-esr)' // biome-ignore format: one line

describe.skipIf(!firefox)(name, () => {
  let browser: Firefox
  let site: Site

  beforeAll(async () => {
    site = await Site.open()
    browser = await launchFirefox(firefox!)
  })
  afterAll(async () => {
    await browser?.close()
    await site.kill()
  })

  /** A page of its own, as one on another device is. */
  async function open(address: string): Promise<Tab> {
    const context = await browser.createBrowserContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.goto(address)
    return tab
  }

  async function paired(): Promise<readonly [Machine, Tab]> {
    const machine = new Machine()
    const { uri } = await machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay).line('pairing')
    const tab = await open(uri as string)
    await accept(tab)
    await shows(tab, 'It is not there now')
    return [machine, tab]
  }

  /** Says yes to a link. */
  const accept = async (tab: Tab): Promise<void> => (await tab.waitForSelector('.ask [type=submit]'))!.click()

  const shows = (tab: Tab, text: string): Promise<unknown> =>
    tab.waitForSelector(`main ::-p-text(${text})`, { timeout: 110_000 })

  async function choose(tab: Tab, path: string): Promise<void> {
    const input = await tab.$('input[type=file]')
    await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(path)
  }

  const press = (tab: Tab, label: string): Promise<void> => tab.click(`button[aria-label="${label}"]`)

  test('a scanned invitation pairs and leaves the address; files go both ways', async () => {
    const [machine, tab] = await paired()
    expect(tab.url()).toBe(site.page)
    const into = join(machine.folder, 'in')
    await machine.start('receive', 'phone', '--into', into, '--keep').line('listening')
    await shows(tab, 'It is there.')
    const path = join(temporaryFolder(), 'forth.bin')
    const hash = await randomFile(path, 5_000_000)
    await choose(tab, path)
    await shows(tab, 'Sent forth.bin')
    expect(await hashOf(join(into, 'forth.bin'))).toBe(hash)

    mkdirSync(join(machine.folder, 'photos'))
    await randomFile(join(machine.folder, 'photos/large.bin'), 5_000_000)
    writeFileSync(join(machine.folder, 'photos/small.txt'), 'a few words')
    expect(await machine.start('send', 'photos', '--to', 'phone').line('sent')).toMatchObject({ files: 2, refused: 0 })
    await shows(tab, 'Received 2 files')
    // It is there after a reload, and the sender finds the same: each byte is what it sent.
    await tab.reload()
    await shows(tab, 'photos/small.txt')
    expect(await machine.start('send', 'photos', '--to', 'phone').line('sent')).toMatchObject({ same: 2, refused: 0 })
    await press(tab, 'Remove photos/small.txt')
    await tab.waitForFunction("!document.querySelector('.files').textContent.includes('small.txt')")
    expect(readFileSync(join(machine.folder, 'photos/small.txt'), 'utf8')).toBe('a few words')
  })

  test('200 MB from the machine: a reload in the middle, and the sender goes on by itself', async () => {
    const [machine, tab] = await paired()
    await randomFile(join(machine.folder, 'large.bin'), 200_000_000)
    const sending = machine.start('send', 'large.bin', '--to', 'phone')
    await tab.waitForFunction('/[2-9]\\d\\.\\d MB of 200 MB/.test(document.body.textContent)', { timeout: 110_000 })
    await tab.reload()
    await shows(tab, 'Received large.bin')
    expect(await sending.exit).toBe(0)
  })

  test('a page sends to a page', async () => {
    const one = await open(site.page)
    await shows(one, 'Make a new pairing')
    await (await one.waitForSelector('::-p-text(Make it)'))!.click()
    const link = await one.waitForSelector('::-p-text(Open it on this device)')
    const other = await open(await link!.evaluate(each => (each as unknown as { href: string }).href))
    await accept(other)
    await shows(one, 'It is there.')
    await shows(other, 'It is there.')
    const path = join(temporaryFolder(), 'between.bin')
    await randomFile(path, 3_000_000)
    await choose(one, path)
    await shows(one, 'Sent between.bin')
    await shows(other, 'between.bin')
  })
})
