import { bundleForPage, describeChromium, openTab, serve } from '@stt/testing/page'
import { expect, onTestFinished, test } from 'vitest'

describeChromium('Chromium', chromium => {
  test('a chamber in a page: stored, read again, verified; nothing of Node is in it', async () => {
    const { files, imports, inputs } = await bundleForPage(
      `
      import { Chamber, MemoryStore } from '@stt/chamber'
      globalThis.page = {
        async keep(text) {
          const store = new MemoryStore()
          const options = { store, id: 'notes', passphrase: 'correct horse battery staple' }
          const chamber = await Chamber.open({ ...options, argon2id: { memory: 8_192 } })
          await chamber.store('note', new TextEncoder().encode(text))
          await chamber.close()
          const again = await Chamber.open(options)
          const note = new TextDecoder().decode(await again.retrieve('note'))
          return { note, verified: await again.verify() }
        },
      }`,
      import.meta.dirname,
    )
    expect(imports).toEqual([])
    expect(inputs.filter(path => path.includes('chamber/src/store/filesystem'))).toEqual([])
    const site = await serve(files)
    onTestFinished(() => site.close())
    const errors: Error[] = []
    const tab = await openTab(chromium.browser, site, error => errors.push(error))
    const kept = await tab.evaluate(
      text => (globalThis as unknown as { page: { keep(text: string): unknown } }).page.keep(text),
      'in a page',
    )
    expect(kept).toEqual({ note: 'in a page', verified: { keys: 1, damaged: [] } })
    expect(errors).toEqual([])
  })
})
