import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeChromium } from '@stt/testing/page'
import { expect, test } from 'vitest'
import { Program, temporaryFolder } from '../test/program.ts'

describeChromium('in Chromium', chromium => {
  test("a page's upload: the file that somebody chooses is on the server's disk as it was", async () => {
    const folder = temporaryFolder()
    const server = Program.startSource('page-upload', ['0', join(folder, 'uploads')])
    const address = await server.printed(/open (\S+)\n/)
    const tab = await chromium.browser.newPage()
    const errors: Error[] = []
    tab.on('pageerror', error => errors.push(error))
    const requests: string[] = []
    tab.on('request', request => requests.push(request.url()))
    await tab.goto(address)
    await tab.getByText('ready').waitFor()

    const file = randomBytes(5_000_000)
    writeFileSync(join(folder, 'photo.bin'), file)
    await tab.locator('input').setInputFiles(join(folder, 'photo.bin'))
    await tab.getByText('5000000 bytes are in').waitFor()
    expect(readFileSync(join(folder, 'uploads/1.bin')).equals(file)).toBe(true)
    // The seed is in the page's address, and in nothing that the browser asked a server for.
    const seed = new URL(address).hash.slice(1)
    expect(requests.filter(url => !url.startsWith(address)).join(' ')).not.toContain(seed)
    expect(errors).toEqual([])
  })
})
