import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accept, choose, describePages, heading, isThere, receiver, save, shows } from './pages.ts'
import { hashOf, randomFile } from './site.ts'
import { Machine, temporaryFolder } from './stt.ts'

const LARGE = 200_000_000

describePages('the page in Chromium', undefined, pages => {
  test('a scanned invitation leaves address and history, pairs once somebody said yes, and is there after a reload', async () => {
    const requests: string[] = []
    pages.chromium.browser.on('context', context => context.on('request', request => requests.push(request.url())))
    const [machine, link] = await pages.invitation()
    const tab = await pages.open(link)
    const sockets: string[] = []
    tab.on('websocket', socket => sockets.push(socket.url()))
    await heading(tab, 'Pair by this link?').waitFor()
    expect(tab.url()).toBe(pages.site.page)
    // The relay is named, and nobody has dialed it.
    await tab.locator('.ask').getByText(pages.site.relay).waitFor()
    // A page that is loaded again before the answer asks again, and its address still says nothing.
    await tab.reload()
    await heading(tab, 'Pair by this link?').waitFor()
    await tab.locator('.ask').getByText(pages.site.relay).waitFor()
    expect(tab.url()).toBe(pages.site.page)
    await tab.getByRole('button', { name: 'Do not pair' }).click()
    await heading(tab, 'I have a phrase').waitFor()
    await tab.reload()
    await heading(tab, 'I have a phrase').waitFor()
    expect(await heading(tab, 'Pair by this link?').count()).toBe(0)
    expect([await heading(tab, 'Machine 1').count(), sockets]).toEqual([0, []])
    await tab.goto(link)
    await accept(tab)
    await heading(tab, 'Machine 1').waitFor()
    await tab.goBack()
    expect(tab.url()).not.toContain('pair=')
    await tab.goto(pages.site.page)
    await heading(tab, 'Machine 1').waitFor()
    await tab.getByText('It is not there now').waitFor()
    await receiver(machine)
    await isThere(tab)
    // The same code again says which machine that is.
    await tab.goto(link)
    await tab.locator('.ask').getByText('paired with that machine, as Machine 1').waitFor()
    await accept(tab)
    await expect.poll(() => tab.locator('.ask').count()).toBe(0)
    expect(await heading(tab, 'Machine 1').count()).toBe(1)
    // Nothing is loaded from elsewhere, and no server was told the phrase.
    expect(requests.filter(url => !url.startsWith(pages.site.page) && !url.startsWith('data:'))).toEqual([])
    expect(requests.join(' ')).not.toMatch(/#|pair=/)
  })

  test('a phrase that is typed pairs; a wrong one is told', async () => {
    const machine = new Machine()
    const { phrase } = await machine.start('pair', 'phone', '--relay', pages.site.relay).line('pairing')
    const tab = await pages.open()
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
    const [machine, tab] = await pages.paired()
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
    const [machine, tab] = await pages.paired()
    const names = ['<img src=x onerror=alert(1)>', '\u202egpj.exe', 'n'.repeat(250), '..\\..\\up', 'Same', 'same']
    for (const name of names) writeFileSync(join(machine.folder, name), name)
    expect(await machine.start('send', ...names, '--to', 'phone').exit).toBe(0)
    const shown = names.map(name => name.replace('\u202e', '\\u{202e}'))
    await expect.poll(async () => (await tab.locator('.received .path').allTextContents()).sort()).toEqual(shown.sort())
    expect(await tab.locator('img').count()).toBe(0)
    for (const [i, name] of shown.entries()) expect(readFileSync(await save(tab, name), 'utf8'), shown[i]).toBe(name.replace('\\u{202e}', '\u202e')) // biome-ignore format: one line
  })

  test('the page sends files and a folder to a machine', async () => {
    const [machine, tab] = await pages.paired()
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
    const [one, other] = await pages.pairedPages()
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
    const [machine, tab] = await pages.paired()
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
    const [machine, tab] = await pages.paired()
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
    const [machine, tab] = await pages.paired()
    const { into } = await receiver(machine, '--keep')
    await isThere(tab)
    const folder = temporaryFolder()
    const hash = await randomFile(join(folder, 'large.bin'), LARGE)
    await choose(tab, join(folder, 'large.bin'))
    await shows(tab, /^[2-9]\d\.\d MB of 200 MB/)
    await pages.site.kill()
    await shows(tab, /^This page is (not at|connecting to) the relay/)
    await pages.site.restart()
    await shows(tab, 'Sent large.bin')
    expect(await hashOf(join(into, 'large.bin'))).toBe(hash)
  })

  test('a full quota is said at both ends, and what was there stays', async () => {
    const [machine, tab] = await pages.paired({ quota: 20_000_000 })
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
    const pairing = machine.start('pair', 'phone', '--page', pages.site.page, '--relay', pages.site.relay)
    const { uri } = await pairing.line('pairing')
    const tab = await pages.open((uri as string).replace(/&peer=[0-9a-f]{64}/, ''))
    await accept(tab)
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
})
