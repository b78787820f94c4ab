import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium, launchChromium } from '@stt/testing/page'
import { describe, expect, onTestFinished, test } from 'vitest'
import { accept } from './pages.ts'
import { hashOf, Site } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

const chromium = findChromium()
const name = chromium ? 'a large file from a page' : 'a large file from a page: SKIPPED, Chromium is not installed (apt-get install chromium)' // biome-ignore format: one line

describe.skipIf(!chromium || process.platform !== 'linux')(name, () => {
  test('2 GiB go out of a tab that never holds 300 MiB', async () => {
    const site = await Site.open()
    onTestFinished(() => site.kill())
    const machine = new Machine()
    const { uri } = await machine.start('pair', 'phone', '--page', site.page, '--relay', site.relay).line('pairing')
    const browser = await launchChromium(chromium!)
    onTestFinished(() => browser.close())
    const tab = await (await browser.newContext()).newPage()
    await tab.goto(uri as string)
    await accept(tab)
    const into = join(machine.folder, 'in')
    const receiving = machine.start('receive', 'phone', '--into', into)
    await tab.getByText('It is there.').waitFor()
    const path = join(temporaryFolder(), 'large.bin')
    writeLarge(path)
    await tab.locator('input[type=file]').first().setInputFiles(path)

    const devtools = await browser.newBrowserCDPSession()
    let most = 0
    const sent = tab.getByText('Sent large.bin', { exact: true }).waitFor({ timeout: 25 * 60_000 })
    let isSent = false
    const sampling = (async () => {
      while (!isSent) {
        const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
        const tabs = processInfo.filter(({ type }) => type === 'renderer')
        most = Math.max(most, ...tabs.map(({ id }) => memoryOf(id)))
        await Promise.race([sent.catch(() => {}), new Promise(resolve => setTimeout(resolve, 1_000))])
      }
    })()
    await sent.finally(() => {
      isSent = true
    })
    await sampling
    expect(await receiving.exit).toBe(0)
    expect(await hashOf(join(into, 'large.bin'))).toBe(await hashOf(path))
    console.log(`the tab held ${Math.round(most / 1_048_576)} MiB at most while 2 GiB went out`)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(300 * 1_048_576)
  })
})

/** Not random all through, which would take longer than to send it; nothing of it is a hole. */
function writeLarge(path: string): void {
  const block = randomBytes(16 * 1_048_576)
  const file = openSync(path, 'w')
  for (let at = 0; at < 2 ** 31; at += block.length) writeSync(file, block)
  closeSync(file)
}

/** Bytes that a process has for itself, and its share of what it has with others; 0 for one that is gone. */
function memoryOf(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) * 1_024
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return 0
    throw error
  }
}
