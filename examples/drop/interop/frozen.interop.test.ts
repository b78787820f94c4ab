import { join } from 'node:path'
import { describeHideable, type HideableTab } from '@stt/testing/page'
import { expect, onTestFinished, test } from 'vitest'
import { hashOf, randomFile, Site } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

describeHideable('a tab that the browser froze', chromium => {
  test('it goes on sending once somebody comes back to it, in the session that it has', async () => {
    const site = await Site.open({ rate: 4_000_000, burst: 4_000_000 })
    onTestFinished(() => site.kill())
    const machine = new Machine()
    const { uri } = await machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay).line('pairing')
    const tab = await chromium.browser.newPage()
    await tab.goto(uri as string)
    await (await tab.waitForSelector('.ask [type=submit]'))!.click()
    await reads(tab, 'It is not there now')
    const into = join(machine.folder, 'in')
    const receiving = machine.start('receive', 'phone', '--into', into)
    await receiving.line('listening')
    await reads(tab, 'It is there\\.')
    const path = join(temporaryFolder(), 'large.bin')
    const hash = await randomFile(path, 24_000_000)
    const input = (await tab.$('input[type=file]')) as unknown as { uploadFile(...paths: string[]): Promise<void> }
    await input.uploadFile(path)
    await reads(tab, '[1-9]\\.\\d MB of 24\\.0 MB')

    const devtools = await tab.createCDPSession()
    await tab.evaluate(RECORD)
    const other = await chromium.browser.newPage()
    await other.bringToFront()
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    const turns = (await tab.evaluate('turns')) as number
    // A while, as a command takes it.
    expect(await machine.start('pair', 'other', '--relay', site.relay).exit).toBe(0)
    expect(await tab.evaluate('[turns, ...events]')).toEqual([turns, 'freeze'])
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await tab.bringToFront()
    expect(await receiving.exit).toBe(0)
    expect(await tab.evaluate('events')).toEqual(['freeze', 'resume'])
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
    expect(await receiving.line('received')).toMatchObject({ receivedBytes: 24_000_000 })
  })
})

const reads = (tab: HideableTab, expression: string): Promise<unknown> =>
  tab.waitForFunction(`/${expression}/.test(document.body.textContent)`, { timeout: 110_000 })

/** What the browser told the page, and how often its timers rang. */
const RECORD = `globalThis.events = []
globalThis.turns = 0
setInterval(() => turns++, 50)
for (const type of ['freeze', 'resume']) document.addEventListener(type, () => events.push(type))
undefined`
