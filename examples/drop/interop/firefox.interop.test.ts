import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeFirefox, launchFirefox, type FirefoxTab as Tab } from '@stt/testing/page'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { hashOf, randomFile, Site } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

describeFirefox('the page in Firefox', firefox => {
  let site: Site
  /** One with a middle. */
  let slow: Site

  beforeAll(async () => {
    site = await Site.open()
    slow = await site.beside({ rate: 4_000_000, burst: 4_000_000 })
  })
  afterAll(async () => {
    await site.kill()
    await slow.kill()
  })

  /** A page of its own, as one on another device is. */
  async function open(address: string): Promise<Tab> {
    const context = await firefox.browser.createBrowserContext()
    onTestFinished(() => context.close())
    const tab = await context.newPage()
    await tab.goto(address)
    return tab
  }

  async function paired(at: Site = site): Promise<readonly [Machine, Tab]> {
    const machine = new Machine()
    const { uri } = await machine.start('pair', 'phone', '--page', at.page, '--relay', at.relay).line('pairing')
    const tab = await open(uri as string)
    await accept(tab)
    await shows(tab, 'It is not there now')
    return [machine, tab]
  }

  /** Says yes to a link. */
  const accept = async (tab: Tab): Promise<void> => (await tab.waitForSelector('.ask [type=submit]'))!.click()

  const shows = (tab: Tab, text: string): Promise<unknown> =>
    tab.waitForSelector(`main ::-p-text(${text})`, { timeout: 110_000 })

  const reads = (tab: Tab, expression: string): Promise<unknown> =>
    tab.waitForFunction(`${expression}.test(document.body.textContent)`, { timeout: 110_000 })

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
    await reads(tab, '/[2-9]\\d\\.\\d MB of 200 MB/')
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

  test('a wrong phrase is told, and the right one pairs', async () => {
    const machine = new Machine()
    const { phrase } = await machine.start('pair', 'phone', '--relay', site.relay).line('pairing')
    const tab = await open(site.page)
    await tab.waitForSelector('input[name=phrase]')
    const submit = (text: string): Promise<unknown> =>
      tab.evaluate(`{
        const field = document.querySelector('input[name=phrase]')
        field.value = ${JSON.stringify(text)}
        field.form.requestSubmit()
      }`)
    await submit((phrase as string).replace(/^./, first => (first === 'A' ? 'B' : 'A')))
    await reads(tab, '/one of its characters is wrong/')
    await submit(phrase as string)
    await reads(tab, '/Nobody has joined this pairing yet/')
  })

  test('a hidden tab goes on sending, in the session that it has', async () => {
    const [machine, tab] = await paired(slow)
    const into = join(machine.folder, 'in')
    const receiving = machine.start('receive', 'phone', '--into', into)
    await receiving.line('listening')
    await shows(tab, 'It is there.')
    const path = join(temporaryFolder(), 'large.bin')
    const hash = await randomFile(path, 24_000_000)
    await choose(tab, path)
    await reads(tab, '/[1-9]\\.\\d MB of 24.0 MB/')
    const other = await tab.browserContext().newPage()
    await other.bringToFront()
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden')
    expect(await receiving.exit).toBe(0)
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden')
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
    // One that went on in another session would have received some of it twice, or said so.
    expect(await receiving.line('received')).toMatchObject({ receivedBytes: 24_000_000 })
  })

  test('to the machine: a reload in the middle, and a relay that is killed; the file is whole', async () => {
    const [machine, tab] = await paired(slow)
    const into = join(machine.folder, 'in')
    const receiving = machine.start('receive', 'phone', '--into', into)
    await receiving.line('listening')
    await shows(tab, 'It is there.')
    const path = join(temporaryFolder(), 'large.bin')
    const hash = await randomFile(path, 40_000_000)
    await choose(tab, path)
    await reads(tab, '/[4-9]\\.\\d MB of 40.0 MB/')
    await tab.reload()
    await shows(tab, 'was interrupted')
    await shows(tab, 'It is there.')
    await choose(tab, path)
    await reads(tab, '/1\\d\\.\\d MB of 40.0 MB/')
    await slow.kill()
    await reads(tab, '/This page is (not at|connecting to) the relay/')
    await slow.restart()
    await shows(tab, 'Sent large.bin')
    expect(await receiving.exit).toBe(0)
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
    expect((await receiving.line('received'))['receivedBytes']).toBeLessThan(44_000_000)
  })

  test('a full quota is said at both ends, and what was there stays', async () => {
    // Of this many kibibytes one site has a fifth.
    const small = await launchFirefox(firefox.path, { 'dom.quotaManager.temporaryStorage.fixedLimit': 100_000 })
    onTestFinished(() => small.close())
    const machine = new Machine()
    const { uri } = await machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay).line('pairing')
    const tab = await small.newPage()
    await tab.goto(uri as string)
    await accept(tab)
    await shows(tab, 'It is not there now')
    writeFileSync(join(machine.folder, 'before.txt'), 'before')
    expect(await machine.start('send', 'before.txt', '--to', 'phone').exit).toBe(0)
    await randomFile(join(machine.folder, 'large.bin'), 60_000_000)
    const sending = machine.start('send', 'large.bin', '--to', 'phone')
    expect(await sending.exit).toBe(1)
    expect(await sending.line('error')).toMatchObject({
      message: expect.stringContaining('no more space for the page'),
    })
    await shows(tab, 'This browser gives the page no more space')
    await shows(tab, 'before.txt')
  })
})
