import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, findChromium, launchChromium, type Tab } from '@stt/testing/page'
import axe from 'axe-core'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hashOf, randomFile, Site } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

const chromium = findChromium()
const name = chromium ? 'the page in Chromium' : 'the page in Chromium: SKIPPED, it is not installed (apt-get install chromium)' // biome-ignore format: one line
const LARGE = 200_000_000

describe.skipIf(!chromium)(name, () => {
  let browser: Browser
  let site: Site
  const problems: string[] = []

  beforeAll(async () => {
    site = await Site.open()
    browser = await launchChromium(chromium!)
  })
  afterAll(async () => {
    await browser.close()
    await site.kill()
  })
  afterEach(() => expect(problems.splice(0)).toEqual([]))

  /** A page of a browser of its own, as one on another device is. */
  async function open(address: string = site.page, quota?: number): Promise<Tab> {
    const context = await browser.newContext({ acceptDownloads: true })
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    // Headless, nobody chooses a place: files are saved as browsers without a picker do.
    await tab.addInitScript('delete globalThis.showSaveFilePicker; delete globalThis.showDirectoryPicker')
    tab.on('pageerror', error => problems.push(String(error)))
    tab.on('console', message => {
      // The browser itself says what a policy refused, and what a lost relay is.
      if (/Content.Security.Policy|Refused to/i.test(message.text())) problems.push(message.text())
    })
    if (quota !== undefined) {
      const devtools = await context.newCDPSession(tab)
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.page).origin, quotaSize: quota })
    }
    await tab.goto(address)
    return tab
  }

  /** A machine, and a page that has scanned its code. */
  async function paired(quota?: number): Promise<readonly [Machine, Tab]> {
    const machine = new Machine()
    const pairing = machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay)
    const { uri } = await pairing.line('pairing')
    expect(await pairing.exit).toBe(0)
    const tab = await open(uri as string, quota)
    await heading(tab, 'Machine 1').waitFor()
    return [machine, tab]
  }

  /** Two pages that are paired with each other. */
  async function pairedPages(): Promise<readonly [Tab, Tab]> {
    const one = await open()
    await one.getByRole('button', { name: 'Make it' }).click()
    const link = one.getByRole('link', { name: 'Open it on this device' })
    const other = await open((await link.getAttribute('href'))!)
    await one.getByRole('button', { name: 'I have it there' }).click()
    await heading(other, 'Machine 1').waitFor()
    return [one, other]
  }

  const heading = (tab: Tab, name: string) => tab.getByRole('heading', { name, level: 2 })
  const isThere = (tab: Tab): Promise<void> => tab.getByText('It is there.').waitFor()
  const shows = (tab: Tab, text: string | RegExp): Promise<void> => tab.getByText(text).first().waitFor({ timeout: 110_000 }) // biome-ignore format: one line
  const choose = (tab: Tab, ...paths: string[]): Promise<void> => tab.locator('input[type=file]').first().setInputFiles(paths) // biome-ignore format: one line

  async function save(tab: Tab, path: string): Promise<string> {
    const waiting = tab.waitForEvent('download')
    await tab.getByRole('button', { name: `Save ${path}`, exact: true }).click()
    return (await waiting).path()
  }

  async function receiver(machine: Machine, ...words: string[]) {
    const into = join(machine.folder, 'in')
    const run = machine.start('receive', 'phone', '--into', into, ...words)
    await run.line('listening')
    return { run, into }
  }

  test('a scanned invitation pairs, leaves address and history, and is there after a reload', async () => {
    const requests: string[] = []
    browser.on('context', context => context.on('request', request => requests.push(request.url())))
    const [machine, tab] = await paired()
    expect(tab.url()).toBe(site.page)
    await tab.goBack()
    expect(tab.url()).not.toContain('pair=')
    await tab.goto(site.page)
    await heading(tab, 'Machine 1').waitFor()
    await tab.getByText('It is not there now').waitFor()
    await receiver(machine)
    await isThere(tab)
    // Nothing is loaded from elsewhere, and no server was told the phrase.
    expect(requests.filter(url => !url.startsWith(site.page) && !url.startsWith('data:'))).toEqual([])
    expect(requests.join(' ')).not.toMatch(/#|pair=/)
  })

  test('a phrase that is typed pairs; a wrong one is told', async () => {
    const machine = new Machine()
    const { phrase } = await machine.start('pair', 'phone', '--relay', site.relay).line('pairing')
    const tab = await open()
    const wrong = (phrase as string).replace(/^./, first => (first === 'A' ? 'B' : 'A'))
    await tab.getByLabel('Phrase').fill(wrong)
    await tab.getByRole('button', { name: 'Pair' }).click()
    await shows(tab, 'one of its characters is wrong')
    await tab.getByLabel('Phrase').fill(phrase as string)
    await tab.getByLabel('Name for it').fill('Workshop')
    await tab.keyboard.press('Enter')
    await heading(tab, 'Workshop').waitFor()
    await receiver(machine)
    await isThere(tab)
  })

  test('a machine sends a folder to the page, which saves what was sent', async () => {
    const [machine, tab] = await paired()
    await shows(tab, 'It is not there now')
    mkdirSync(join(machine.folder, 'photos/deep'), { recursive: true })
    writeFileSync(join(machine.folder, 'photos/small.txt'), 'a few words')
    writeFileSync(join(machine.folder, 'photos/empty'), '')
    const hash = await randomFile(join(machine.folder, 'photos/deep/large.bin'), 5_000_000)
    const sending = machine.start('send', 'photos', '--to', 'phone')
    expect(await sending.exit).toBe(0)
    expect(await sending.line('sent')).toMatchObject({ files: 3, refused: 0 })
    await shows(tab, /Received 3 files/)
    await shows(tab, /relayed/)
    expect(await hashOf(await save(tab, 'photos/deep/large.bin'))).toBe(hash)
    expect(readFileSync(await save(tab, 'photos/small.txt'), 'utf8')).toBe('a few words')
    expect(statSync(await save(tab, 'photos/empty')).size).toBe(0)
    // The same again is there already; other content under the name is refused, and both sides say so.
    expect(await machine.start('send', 'photos', '--to', 'phone').line('sent')).toMatchObject({ same: 3 })
    writeFileSync(join(machine.folder, 'photos/small.txt'), 'other words')
    expect(await machine.start('send', 'photos', '--to', 'phone').line('sent')).toMatchObject({ same: 2, refused: 1 })
    await shows(tab, /photos\/small.txt: a file of that name is there already/)
    await tab.reload()
    await tab.getByRole('button', { name: 'Remove photos/small.txt' }).click()
    await expect.poll(() => tab.getByText('photos/small.txt').count()).toBe(0)
  })

  test('names that a sender made up are shown as they are, run nothing and turn nothing round', async () => {
    const [machine, tab] = await paired()
    const names = ['<img src=x onerror=alert(1)>', '\u202egpj.exe', 'n'.repeat(250), '..\\..\\up', 'Same', 'same']
    for (const name of names) writeFileSync(join(machine.folder, name), name)
    expect(await machine.start('send', ...names, '--to', 'phone').exit).toBe(0)
    const shown = names.map(name => name.replace('\u202e', '\\u{202e}'))
    await expect.poll(async () => (await tab.locator('.received .path').allTextContents()).sort()).toEqual(shown.sort())
    expect(await tab.locator('img').count()).toBe(0)
    for (const [i, name] of shown.entries()) expect(readFileSync(await save(tab, name), 'utf8'), shown[i]).toBe(name.replace('\\u{202e}', '\u202e')) // biome-ignore format: one line
  })

  test('the page sends files and a folder to a machine', async () => {
    const [machine, tab] = await paired()
    const { run, into } = await receiver(machine, '--keep')
    await isThere(tab)
    const folder = temporaryFolder()
    const hash = await randomFile(join(folder, 'one.bin'), 3_000_000)
    writeFileSync(join(folder, 'two.txt'), 'two')
    await choose(tab, join(folder, 'one.bin'), join(folder, 'two.txt'))
    await shows(tab, 'Sent 2 files')
    expect(await hashOf(join(into, 'one.bin'))).toBe(hash)
    expect(readFileSync(join(into, 'two.txt'), 'utf8')).toBe('two')
    await run.line('received')
    mkdirSync(join(folder, 'album/deep'), { recursive: true })
    writeFileSync(join(folder, 'album/deep/three.txt'), 'three')
    await tab.locator('input[type=file]').nth(1).setInputFiles(join(folder, 'album'))
    await shows(tab, /Sent album\/deep\/three.txt/)
    expect(readFileSync(join(into, 'album/deep/three.txt'), 'utf8')).toBe('three')
  })

  test('a page sends to a page, and the other way round', async () => {
    const [one, other] = await pairedPages()
    await isThere(one)
    await isThere(other)
    const folder = temporaryFolder()
    for (const [from, to, name] of [
      [one, other, 'forth.bin'],
      [other, one, 'back.bin'],
    ] as const) {
      const hash = await randomFile(join(folder, name), 4_000_000)
      await choose(from, join(folder, name))
      await shows(from, `Sent ${name}`)
      expect(await hashOf(await save(to, name))).toBe(hash)
    }
  })

  test('200 MB to the machine: a reload in the middle, the same file again, and it goes on', async () => {
    const [machine, tab] = await paired()
    const { run, into } = await receiver(machine)
    await isThere(tab)
    const path = join(temporaryFolder(), 'large.bin')
    const hash = await randomFile(path, LARGE)
    await choose(tab, path)
    await shows(tab, /^[2-9]\d\.\d MB of 200 MB/)
    await tab.reload()
    await shows(tab, 'was interrupted')
    await isThere(tab)
    await choose(tab, path)
    await shows(tab, 'Sent large.bin')
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
    const { receivedBytes } = await run.line('received')
    expect(receivedBytes).toBeLessThan(LARGE - 8_000_000)
  })

  test('200 MB to the page: a reload in the middle, and the sender goes on by itself', async () => {
    const [machine, tab] = await paired()
    const hash = await randomFile(join(machine.folder, 'large.bin'), LARGE)
    const sending = machine.start('send', 'large.bin', '--to', 'phone')
    await shows(tab, /^[2-9]\d\.\d MB of 200 MB/)
    await tab.reload()
    // What it goes on from is what came before: it never shows less again.
    await shows(tab, /^\d{2,}(\.\d)? MB of 200 MB/)
    await shows(tab, 'Received large.bin')
    expect(await sending.exit).toBe(0)
    expect(await hashOf(await save(tab, 'large.bin'))).toBe(hash)
  })

  test('a relay that is killed in the middle and comes back costs neither side its files', async () => {
    const [machine, tab] = await paired()
    const { into } = await receiver(machine, '--keep')
    await isThere(tab)
    const folder = temporaryFolder()
    const hash = await randomFile(join(folder, 'large.bin'), LARGE)
    await choose(tab, join(folder, 'large.bin'))
    await shows(tab, /^[2-9]\d\.\d MB of 200 MB/)
    await site.kill()
    await shows(tab, /^This page is (not at|connecting to) the relay/)
    await site.restart()
    await shows(tab, 'Sent large.bin')
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
  })

  test('a full quota is said at both ends, and what was there stays', async () => {
    const [machine, tab] = await paired(20_000_000)
    writeFileSync(join(machine.folder, 'before.txt'), 'before')
    expect(await machine.start('send', 'before.txt', '--to', 'phone').exit).toBe(0)
    await randomFile(join(machine.folder, 'large.bin'), 60_000_000)
    const sending = machine.start('send', 'large.bin', '--to', 'phone')
    expect(await sending.exit).toBe(1)
    expect(await sending.line('error')).toMatchObject({
      message: expect.stringContaining('no more space for the page'),
    })
    await shows(tab, 'This browser gives the page no more space')
    expect(readFileSync(await save(tab, 'before.txt'), 'utf8')).toBe('before')
    // What came of the other one is in the way until somebody says so.
    await tab.getByRole('button', { name: /^Remove .* that are not complete/ }).click()
    await expect.poll(() => tab.getByText('not complete').count()).toBe(0)
  })

  test('a page that cannot keep who its first machine is refuses it, and takes it once there is space', async () => {
    const machine = new Machine()
    const pairing = machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay)
    const { uri } = await pairing.line('pairing')
    const tab = await open((uri as string).replace(/&peer=[0-9a-f]{64}/, ''))
    await heading(tab, 'Machine 1').waitFor()
    // As a browser says it whose disk is full: small writes it lets pass for a while, whatever the quota.
    await tab.evaluate(`for (const call of ['put', 'add']) {
      const ours = IDBObjectStore.prototype[call]
      IDBObjectStore.prototype[call] = function (...given) {
        if (globalThis.isFull) throw new DOMException('full', 'QuotaExceededError')
        return ours.apply(this, given)
      }
    }
    isFull = true`)
    writeFileSync(join(machine.folder, 'note.txt'), 'note')
    expect(await machine.start('send', 'note.txt', '--to', 'phone').exit).toBe(1)
    await shows(tab, 'This browser gives the page no more space')
    await tab.getByText('Nobody has joined this pairing yet').or(tab.getByText('It is there')).first().waitFor()
    // Nor does it send then, and says so.
    await choose(tab, join(machine.folder, 'note.txt'))
    await expect.poll(() => tab.getByText('no more space').count()).toBe(2)
    await tab.evaluate('isFull = false')
    expect(await machine.start('send', 'note.txt', '--to', 'phone').exit).toBe(0)
    expect(readFileSync(await save(tab, 'note.txt'), 'utf8')).toBe('note')
  })

  test('what a browser lacks is said: no IndexedDB, a page over plain http, a second tab', async () => {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.addInitScript("Object.defineProperty(globalThis, 'indexedDB', { value: undefined })")
    await tab.goto(site.page)
    await shows(tab, /keep nothing, as some do in private windows/)

    const elsewhere = await launchChromium(chromium!, '--host-resolver-rules=MAP files.example 127.0.0.1')
    onTestFinished(() => elsewhere.close())
    const plain = await elsewhere.newPage()
    await plain.goto(`http://files.example:${site.port}/`)
    await shows(plain, /came over plain http/)

    const [, first] = await paired()
    const second = await first.context().newPage()
    await second.goto(site.page)
    await shows(second, 'This page is open in another tab')
    await first.close()
    await second.getByRole('button', { name: 'Try again' }).click()
    await heading(second, 'Machine 1').waitFor()
  })

  test('each state has no violation that axe knows, wide and narrow, dark and light, and works by keyboard', async () => {
    const [machine, tab] = await paired()
    const violations = async (): Promise<string[]> => {
      const found: string[] = []
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const width of [360, 1_200]) {
          await tab.emulateMedia({ colorScheme })
          await tab.setViewportSize({ width, height: 800 })
          await tab.evaluate(axe.source)
          const { violations } = await tab.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()) // biome-ignore format: one line
          found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${width} ${id}: ${nodes[0]?.html}`))
          const overflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') // biome-ignore format: one line
          if (overflow !== 0) found.push(`${colorScheme} ${width}: ${overflow} pixels too wide`)
        }
      }
      return found
    }
    await shows(tab, 'It is not there now')
    expect(await violations()).toEqual([])
    // By keyboard alone: to the forms, and into a new pairing.
    await tab.getByText('Pair with another machine or page').focus()
    await tab.keyboard.press('Enter')
    await tab.getByRole('button', { name: 'Make it' }).focus()
    expect(await violations()).toEqual([])
    await tab.keyboard.press('Enter')
    await heading(tab, 'For the other side').waitFor()
    expect(await tab.evaluate('document.activeElement.id')).toBe('invite-title')
    expect(await violations()).toEqual([])
    writeFileSync(join(machine.folder, 'a file.txt'), 'text')
    expect(await machine.start('send', 'a file.txt', '--to', 'phone').exit).toBe(0)
    await shows(tab, 'Received a file.txt')
    expect(await violations()).toEqual([])
    await tab.evaluate("location.hash = 'pair=wrong'")
    await shows(tab, 'That is not a phrase that stt pair made')
    expect(await violations()).toEqual([])
  })
})
