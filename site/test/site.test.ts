import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runReadmeExamples } from '@stt/vitest-config/readme'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deadLinks } from '../src/check-links.ts'
import { pagesOf } from '../src/documents.ts'
import { insertTables } from '../src/figures.ts'
import { rewriteLinks } from '../src/links.ts'
import { programPage } from '../src/program-page.ts'
import { accessiblePage } from '../src/reference-page.ts'
import { slugOf } from '../src/slug.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the examples of "Five minutes" run', async () => {
  expect(await runReadmeExamples(import.meta.url, '../pages/guide/start.md')).toBe(4)
})

test('every program and every package has a page', () => {
  const pages = [...pagesOf(root).values()]
  const programs = pages.filter(page => page.startsWith('programs/') && !/(index|drop|file-transfer)$/.test(page))
  expect(programs).toHaveLength(2 + 9)
  expect(programs).toEqual(expect.arrayContaining(['programs/echo-server', 'programs/echo-client', 'programs/chat']))
  expect(pages).toEqual(expect.arrayContaining(['packages/node', 'protocol', 'protocol-index', 'review', 'versions']))
})

describe('links of a document', () => {
  const places = {
    source: 'https://git.example/stt',
    pages: new Map([
      ['docs/PROTOCOL.md', 'protocol'],
      ['packages/relay/README.md', 'packages/relay'],
    ]),
  }
  const rewritten = (text: string, file = 'packages/node/README.md') => rewriteLinks(text, file, places)

  test.each([
    ['[a](../../docs/PROTOCOL.md#2-handshake-hs)', '[a](/protocol#2-handshake-hs)'],
    ['[a](../relay)', '[a](/packages/relay)'],
    ['[a](https://git.example/stt/blob/main/docs/PROTOCOL.md)', '[a](/protocol)'],
    ['[a]: https://git.example/stt/tree/main/packages/relay', '[a]: /packages/relay'],
    ['[a](https://git.example/stt/tree/main/packages/relay#readme)', '[a](/packages/relay)'],
    ['[a](src/stream.ts)', '[a](https://git.example/stt/blob/main/packages/node/src/stream.ts)'],
    ['[a](../../tooling/bench)', '[a](https://git.example/stt/tree/main/tooling/bench)'],
    ['[a](#limits)', '[a](#limits)'],
    ['[a](https://example.org/)', '[a](https://example.org/)'],
    ['```sh\n[a](../relay)\n```', '```sh\n[a](../relay)\n```'],
  ])('%s', (before, after) => {
    expect(rewritten(before)).toBe(after)
  })
})

test("a program's page has what its first comment says, its commands, and its code", () => {
  const page = programPage('two-words', '// What it does.\n//\n//   two-words.ts listen\nconst x = 1 // one\n')
  expect(page).toMatch(/^# Two words\n\nWhat it does\.\n\n```sh\ntwo-words\.ts listen\n```\n/)
  expect(page).toMatch(/```ts\nconst x = 1 \/\/ one\n```\n$/)
})

test('a page of the reference has a main part, headings without a gap, and no link in a summary', () => {
  const permalink = '<a href="#x" aria-label="Permalink" class="tsd-anchor-icon"><svg></svg></a>'
  const page = `<div class="col-content"><h1>a</h1><summary><h4>b${permalink}</h4></summary><h3>c${permalink}</h3></div>`
  expect(accessiblePage(page)).toBe(
    `<div class="col-content" role="main"><h1>a</h1><summary><h4 aria-level="2">b</h4></summary><h3>c${permalink}</h3></div>`,
  )
})

test('what "Coming from …" says that is here, is here: each name in code is one of the API or of the command', () => {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const packages = readdirSync(join(root, 'packages'))
  const known = [...packages.map(name => `packages/${name}/etc/api.d.ts`), 'packages/cli/src/program.ts']
  const words = new Set(known.flatMap(file => read(file).match(/[\w-]+/g)))
  const rows = [...read('site/pages/guide/coming-from.md').matchAll(/^\|[^|]+\|([^|]+)\|$/gm)]
  const code = rows.flatMap(([, here]) => [...here!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!))
  // Without what is said of the program itself: texts, places for values, and the addresses that it listens at.
  const names = code.flatMap(text => text.replace(/'[^']*'/g, '').match(/(?<!\w)-{0,2}[a-z][\w-]{2,}/g) ?? [])
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter(name => !words.has(name) && !['await', 'kill'].includes(name))).toEqual([])
})

describe('figures of the comparison', () => {
  const performance = '# Speed\n\n## One\n\ntext\n\n| a |\n|---|\n| 1 |\n\n## Two\n\nno table\n'

  test('are the tables of the document', () => {
    expect(insertTables('before\n<!-- table: One -->\nafter', performance)).toBe('before\n| a |\n|---|\n| 1 |\nafter')
  })

  test.each(['Two', 'Three'])('a heading without one is an error: %s', heading => {
    expect(() => insertTables(`<!-- table: ${heading} -->`, performance)).toThrow(/no table below a heading/)
  })

  test('the page itself has none of its own, and the document has each that it asks for', () => {
    const read = (file: string): string => readFileSync(join(root, file), 'utf8')
    const page = read('site/pages/guide/comparison.md')
    expect(page.match(/\b\d+(\.\d+)? (µs|MB\/s|kB|times)/g)).toBeNull()
    expect(page.match(/<!-- table/g)).toHaveLength(5)
    expect(insertTables(page, read('docs/performance.md'))).not.toContain('<!-- table')
  })
})

describe('links of the built site', () => {
  const siteOf = (files: Record<string, string>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'stt-site-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return folder
  }

  test('that lead somewhere', () => {
    const folder = siteOf({
      'index.html':
        '<a href="/stt/guide/start.html#a&amp;b">x</a><script src="/stt/x.js"></script><a href="https://example.org">',
      'guide/start.html': '<h2 id="a&amp;b"></h2><a href="../">x</a><a href="#a%26b">',
      'x.js': '',
    })
    expect(deadLinks(folder, '/stt/')).toEqual([])
  })

  test('that do not', () => {
    const folder = siteOf({ 'index.html': '<a href="gone.html"><a href="#gone"><img src="/elsewhere.png">' })
    expect(deadLinks(folder, '/stt/')).toEqual([
      'index.html: gone.html is no file',
      'index.html: #gone: there is no such heading',
      'index.html: /elsewhere.png is outside of /stt/',
    ])
  })
})

test.each([
  ['2. Handshake (HS)', '2-handshake-hs'],
  ['`@stt/node` in a page', 'sttnode-in-a-page'],
])('the anchor of %s', (heading, slug) => {
  expect(slugOf(heading)).toBe(slug)
})
