import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tab } from '@stt/testing/page'
import { expect, test } from 'vitest'
import { choose, describePages, heading, isThere, receiver, shows } from './pages.ts'
import { hashOf, randomFile } from './site.ts'
import { temporaryFolder } from './stt.ts'

// Slow enough for a middle.
describePages('what a browser gives the page', { rate: 4_000_000, burst: 4_000_000 }, pages => {
  /** Drops files and folders of the disk on the page, as a hand with a mouse does. */
  async function drop(tab: Tab, ...files: string[]): Promise<void> {
    const devtools = await tab.context().newCDPSession(tab)
    const { x, y, width, height } = (await tab.locator('.zone').boundingBox())!
    const data = { items: [], files, dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devtools.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data })
    }
  }

  test('files and a folder that are dropped on the page are sent with all that is in them', async () => {
    const [machine, tab] = await pages.paired()
    const { into } = await receiver(machine, '--keep')
    await isThere(tab)
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'album/deep/empty'), { recursive: true })
    const hash = await randomFile(join(folder, 'album/deep/one.bin'), 1_500_000)
    writeFileSync(join(folder, 'album/two.txt'), 'two')
    writeFileSync(join(folder, 'three.txt'), 'three')
    await drop(tab, join(folder, 'album'), join(folder, 'three.txt'))
    await shows(tab, 'Sent 3 files')
    expect(await hashOf(join(into, 'album/deep/one.bin'))).toBe(hash)
    expect(readFileSync(join(into, 'album/two.txt'), 'utf8')).toBe('two')
    expect(readFileSync(join(into, 'three.txt'), 'utf8')).toBe('three')
    expect(existsSync(join(into, 'album/deep/empty'))).toBe(true)
  })

  test('where people choose a place, files are written there and leave the page; a name that is refused stops no other', async () => {
    // The browser’s own folder for the page: real handles, which a headless browser can give.
    const [machine, tab] = await pages.paired({ pickers: 'showDirectoryPicker = () => navigator.storage.getDirectory()' }) // biome-ignore format: one line
    mkdirSync(join(machine.folder, 'photos'))
    const names = ['photos/a.txt', 'photos/..\\up', 'z.txt']
    for (const name of names) writeFileSync(join(machine.folder, name), name)
    expect(await machine.start('send', 'photos', 'z.txt', '--to', 'phone').exit).toBe(0)
    await tab.getByRole('button', { name: 'Save all' }).click()
    await shows(tab, /^2 of 3 files are saved\. Not photos\/\.\.\\up: this system takes no such name/)
    await expect.poll(() => tab.locator('.received .path').allTextContents()).toEqual(['photos/..\\up'])
    expect(await tab.evaluate(READ_ALL)).toEqual({ 'photos/a.txt': 'photos/a.txt', 'z.txt': 'z.txt' })
    // What is there is not written over.
    expect(await machine.start('send', 'z.txt', '--to', 'phone').exit).toBe(0)
    await tab.getByRole('button', { name: 'Save all' }).click()
    await expect.poll(async () => Object.keys((await tab.evaluate(READ_ALL)) as object).sort()).toEqual(['photos/a.txt', 'z (2).txt', 'z.txt']) // biome-ignore format: one line
  })

  test('one file is written where somebody chose, under its name, and leaves the page; who chooses no place keeps it there', async () => {
    const [machine, tab] = await pages.paired({ pickers: PICK_ONE })
    mkdirSync(join(machine.folder, 'photos'))
    const hash = await randomFile(join(machine.folder, 'photos/a.bin'), 2_500_000)
    expect(await machine.start('send', 'photos', '--to', 'phone').exit).toBe(0)
    const press = (): Promise<void> => tab.getByRole('button', { name: 'Save photos/a.bin', exact: true }).click()
    await press()
    await expect.poll(() => tab.evaluate('asked')).toEqual(['a.bin'])
    await tab.evaluate("void (place = () => { throw new DOMException('', 'NotAllowedError') })")
    await press()
    await shows(tab, /^Something in this page is wrong/)
    expect(await tab.locator('.received .path').allTextContents()).toEqual(['photos/a.bin'])
    await tab.evaluate('void (place = name => navigator.storage.getDirectory().then(root => root.getFileHandle(name, { create: true })))') // biome-ignore format: one line
    await press()
    await shows(tab, 'photos/a.bin is saved.')
    await expect.poll(() => tab.locator('.received .path').count()).toBe(0)
    const digits = await tab.evaluate(READ_HEX)
    writeFileSync(join(machine.folder, 'saved.bin'), Buffer.from(digits as string, 'hex'))
    expect(await hashOf(join(machine.folder, 'saved.bin'))).toBe(hash)
    expect(await tab.evaluate('asked')).toEqual(['a.bin', 'a.bin', 'a.bin'])
  })

  test('a page that is offline for a while keeps its session', async () => {
    const [machine, tab] = await pages.paired()
    const { into } = await receiver(machine, '--keep')
    await isThere(tab)
    const path = join(temporaryFolder(), 'large.bin')
    const hash = await randomFile(path, 24_000_000)
    await tab.evaluate(RECORD)
    await choose(tab, path)
    await shows(tab, /^[1-9]\.\d MB of 24.0 MB/)
    await tab.context().setOffline(true)
    // A while, as a command takes it.
    expect(await machine.start('pair', 'other', '--relay', pages.site.relay).exit).toBe(0)
    await tab.context().setOffline(false)
    await shows(tab, 'Sent large.bin')
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
    expect(await tab.evaluate('events')).toEqual(['offline', 'online'])
    // A session that ended would have been waited for.
    expect(await tab.evaluate('[...states]')).toEqual(['connecting', 'running', 'done'])
  })

  test('a machine that is forgotten leaves nothing behind that listens to the page', async () => {
    const [, tab] = await pages.paired()
    const devtools = await tab.context().newCDPSession(tab)
    const listeners = async (): Promise<string[]> => {
      const { result } = await devtools.send('Runtime.evaluate', { expression: 'globalThis' })
      const { listeners } = await devtools.send('DOMDebugger.getEventListeners', { objectId: result.objectId! })
      return listeners.map(({ type }) => type).filter(type => type !== 'hashchange')
    }
    expect(await listeners()).toContain('pagehide')
    tab.on('dialog', dialog => dialog.accept())
    await tab.getByRole('button', { name: 'Forget Machine 1' }).click()
    await heading(tab, 'I have a phrase').waitFor()
    await expect.poll(listeners).toEqual([])
  })
})

/** The states that transfers were shown in, and what the browser told the page. */
const RECORD = `globalThis.states = new Set()
globalThis.events = []
for (const type of ['offline', 'online']) addEventListener(type, () => events.push(type))
new MutationObserver(() => {
  for (const row of document.querySelectorAll('.transfers > li')) states.add(row.className)
}).observe(document.body, { subtree: true, childList: true, attributes: true })`

/** A place to save one file at, as `place` gives it; at first nobody chooses one. */
const PICK_ONE = `globalThis.asked = []
globalThis.place = () => { throw new DOMException('', 'AbortError') }
globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  asked.push(suggestedName)
  return place(suggestedName)
}`

const READ_HEX = `(async () => {
  const root = await navigator.storage.getDirectory()
  const file = await (await root.getFileHandle('a.bin')).getFile()
  return new Uint8Array(await file.arrayBuffer()).toHex?.() ?? [...new Uint8Array(await file.arrayBuffer())].map(byte => byte.toString(16).padStart(2, '0')).join('')
})()`

const READ_ALL = `(async () => {
  const found = {}
  const read = async (folder, path) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === 'directory') await read(handle, path + name + '/')
      else found[path + name] = await (await handle.getFile()).text()
    }
  }
  await read(await navigator.storage.getDirectory(), '')
  return found
})()`
