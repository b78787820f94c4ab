import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchChromium, type Tab } from '@stt/testing/page'
import axe from 'axe-core'
import { expect, onTestFinished, test } from 'vitest'
import { choose, describePages, heading, isThere, receiver, shows } from './pages.ts'
import { randomFile } from './site.ts'
import { temporaryFolder } from './stt.ts'

/** A folder for pictures of each state, to be looked at; none are made without it. */
const PICTURES = process.env['STT_PICTURES']

// Slow, so that there is a middle in which to look.
describePages('each state of the page', { rate: 4_000_000, burst: 4_000_000 }, pages => {
  /** Wide and narrow, dark and light: no violation that axe knows, nothing wider than the screen. */
  async function looksGood(tab: Tab, state: string): Promise<void> {
    const found: string[] = []
    await tab.evaluate(axe.source)
    for (const [width, colorScheme] of LOOKS) {
      await tab.emulateMedia({ colorScheme })
      await tab.setViewportSize({ width, height: 800 })
      const { violations } = await tab.evaluate(() => (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()) // biome-ignore format: one line
      found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${width} ${id}: ${nodes[0]?.html}`))
      const overflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      if (overflow !== 0) found.push(`${colorScheme} ${width}: ${overflow} pixels too wide`)
      if (PICTURES) await tab.screenshot({ path: join(PICTURES, `${state}-${width}-${colorScheme}.png`), fullPage: true }) // biome-ignore format: one line
    }
    expect(found, state).toEqual([])
  }

  test('pairing, by keyboard alone: forms, what is wrong with them, a link, an invitation', async () => {
    const tab = await pages.open()
    await heading(tab, 'I have a phrase').waitFor()
    await looksGood(tab, 'first')
    await tab.getByLabel('Phrase').fill('AAAAA-BBBBB')
    await tab.keyboard.press('Enter')
    await shows(tab, 'one of its characters is wrong')
    await looksGood(tab, 'wrong-phrase')
    const [, link] = await pages.invitation()
    await tab.evaluate(hash => {
      ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
    }, new URL(link).hash)
    await heading(tab, 'Pair by this link?').waitFor()
    expect(await tab.evaluate('document.activeElement.textContent')).toBe('Pair by this link?')
    await looksGood(tab, 'asked')
    await tab.locator('.ask').getByLabel('Name for it').focus()
    await tab.keyboard.press('Enter')
    await shows(tab, 'It is not there now')
    await looksGood(tab, 'paired')
    await tab.getByText('Pair with another machine or page').focus()
    await tab.keyboard.press('Enter')
    await tab.getByRole('button', { name: 'Make it' }).focus()
    await looksGood(tab, 'forms')
    await tab.keyboard.press('Enter')
    await heading(tab, 'For the other side').waitFor()
    expect(await tab.evaluate('document.activeElement.id')).toBe('invite-title')
    await looksGood(tab, 'invitation')
    await tab.evaluate("location.hash = 'pair=x&peer=y'")
    await shows(tab, 'neither a phrase nor an invitation')
    await looksGood(tab, 'wrong-link')
  })

  test('transfers: connecting, on the way, waiting, interrupted, stopped, done, refused, full', async () => {
    const [machine, tab] = await pages.paired({ quota: 30_000_000 })
    const folder = temporaryFolder()
    const large = join(folder, 'a holiday in the mountains, all of it.bin')
    await randomFile(large, 60_000_000)
    await choose(tab, large)
    await shows(tab, 'It goes on as soon as that changes')
    await looksGood(tab, 'waiting')
    const { into } = await receiver(machine, '--keep')
    await isThere(tab)
    await shows(tab, /MB of 60.0 MB, .*relayed/)
    await looksGood(tab, 'sending')
    await tab.reload()
    await shows(tab, 'was interrupted')
    await looksGood(tab, 'interrupted')
    await choose(tab, large)
    await tab.getByRole('button', { name: 'Stop: Sending' }).click()
    await shows(tab, 'Stopped.')
    await looksGood(tab, 'stopped')
    writeFileSync(join(folder, 'a.txt'), 'one')
    mkdirSync(into, { recursive: true })
    writeFileSync(join(into, 'b.txt'), 'in the way')
    writeFileSync(join(folder, 'b.txt'), 'two')
    await choose(tab, join(folder, 'a.txt'), join(folder, 'b.txt'))
    await shows(tab, /1 not taken/)
    await looksGood(tab, 'not-taken')
    mkdirSync(join(machine.folder, 'photos/deep'), { recursive: true })
    for (const path of ['photos/one.txt', `photos/deep/${'long name '.repeat(12)}.txt`, 'photos/\u202egpj.exe']) writeFileSync(join(machine.folder, path), path) // biome-ignore format: one line
    expect(await machine.start('send', 'photos', '--to', 'phone').exit).toBe(0)
    await shows(tab, 'Received 3 files')
    await looksGood(tab, 'received')
    await randomFile(join(machine.folder, 'film.bin'), 60_000_000)
    expect(await machine.start('send', 'film.bin', '--to', 'phone').exit).toBe(1)
    await shows(tab, 'This browser gives the page no more space')
    await looksGood(tab, 'full')
    await pages.site.kill()
    await shows(tab, /^This page is not at the relay/)
    await looksGood(tab, 'no-relay')
    await pages.site.restart()
  })

  test('pages that cannot begin: a second tab, no IndexedDB, plain http, what was kept is damaged', async () => {
    const [, first] = await pages.paired()
    const second = await first.context().newPage()
    await second.goto(pages.site.page)
    await shows(second, 'This page is open in another tab')
    await looksGood(second, 'second-tab')
    await first.close()
    await second.getByRole('button', { name: 'Try again' }).click()
    await heading(second, 'Machine 1').waitFor()
    // As a disk does it: a bit of each piece is another one.
    await second.evaluate(FLIP)
    await second.reload()
    await shows(second, 'Forget everything here and pair anew')
    await looksGood(second, 'damaged')
    await second.getByRole('button', { name: 'Forget everything here' }).click()
    await heading(second, 'I have a phrase').waitFor()

    const none = await pages.open(pages.site.page, { before: "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })" }) // biome-ignore format: one line
    await shows(none, /keep nothing, as some do in private windows/)
    await looksGood(none, 'no-place')

    const elsewhere = await launchChromium(pages.chromium.path, '--host-resolver-rules=MAP files.example 127.0.0.1')
    onTestFinished(() => elsewhere.close())
    const plain = await (await elsewhere.newContext()).newPage()
    await plain.goto(`http://files.example:${pages.site.port}/`)
    await shows(plain, /came over plain http/)
    await looksGood(plain, 'plain-http')
  })
})

const FLIP = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('stt-drop')
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('pieces', 'readwrite')
    transaction.onerror = reject
    transaction.oncomplete = () => resolve(opening.result.close())
    transaction.objectStore('pieces').openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return
      const piece = cursor.value
      piece[piece.length >> 1] ^= 1
      cursor.update(piece)
      cursor.continue()
    }
  }
})`

const LOOKS = [
  [360, 'light'],
  [1_200, 'dark'],
  ...(PICTURES
    ? ([
        [360, 'dark'],
        [1_200, 'light'],
      ] as const)
    : []),
] as const
