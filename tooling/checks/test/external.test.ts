import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { externalLinks, isOwn } from '../src/links/external-links.ts'
import { followLink } from '../src/links/follow-link.ts'
import { external } from '../src/rules/external.ts'
import { manifest, ROOT_MANIFEST, repositoryOf } from './fixture.ts'

const SOURCE = 'https://git.example/stt'
/** A committed repository, as only its files are read; the fixture's host is one for examples. */
const repository = (files: Record<string, string>) => {
  const made = repositoryOf({ 'package.json': ROOT_MANIFEST.replace('git.example', 'git.stt.org'), ...files })
  made.git('init', '-q')
  return made
}
const problemOf = (link: string) =>
  external.check(repository({ 'docs/a.md': `[a](${link})`, 'packages/x/README.md': '' }))

test('links of documents, manifests and the built site are found, each once, and what is code is none', () => {
  const made = repository({
    'README.md': '[a](https://one.org/x#y) [b](docs/b.md)\n\n```sh\ncurl [x](https://code.org)\n```\n',
    'docs/b.md': 'see [one]\n\n[one]: https://one.org/x\n',
    'packages/node/package.json': manifest('node'),
    'site/dist/index.html': '<a href="https://two.org/?a&amp;b">x</a><a href="/here.html">',
  })
  const found = [...externalLinks(made)].map(([url, places]) => [url, [...places]])
  expect(found).toEqual([
    ['https://one.org/x', ['README.md', 'docs/b.md']],
    [`${SOURCE}/tree/main/packages/node`, ['packages/node/package.json']],
    [`${SOURCE}/issues`, ['packages/node/package.json']],
    ['https://two.org/?a&b', ['site/dist']],
  ])
})

test.each([
  'https://www.rfc-editor.org/rfc/rfc6762',
  'https://one.org/search?q=a',
  'https://git.stt.org/stt/issues',
  'https://git.stt.org/stt/blob/main/docs/a.md#a-heading',
  'https://git.stt.org/stt/tree/main/packages/x#readme',
])('%s can be followed', link => {
  expect(problemOf(link)).toEqual([])
})

test.each([
  ['http://one.org', /is http, or none: write https/],
  ['//one.org/x', /write https/],
  ['https://user@one.org', /has a user or a port/],
  ['https://one.org:8443/', /has a user or a port/],
  ['https://relay.example/', /no place for readers/],
  ['https://192.0.2.1/', /no place for readers/],
  ['https://[::1]/', /no place for readers/],
  ['https://intranet/', /no place for readers/],
  ['https://one.org/?utm_source=readme', /where the reader comes from/],
  ['https://git.stt.org/stt/blob/main/docs/gone.md', /has not on main/],
  ['https://git.stt.org/stt/blob/v1/docs/a.md', /has not on main/],
  ['https://git.stt.org/stt/blob/main/packages/x', /says blob/],
  ['https://git.stt.org/stt/tree/main/docs/a.md', /says tree/],
])('%s cannot', (link, problem) => {
  expect(problemOf(link)).toEqual([expect.stringMatching(problem)])
})

test('what shows the repository itself need not be asked for', () => {
  const made = repository({ 'README.md': '' })
  const own = ['/blob/main/README.md', '/tree/main/docs', '/issues'].map(path =>
    isOwn(made, `https://git.stt.org/stt${path}`),
  )
  expect([...own, isOwn(made, 'https://one.org/x/stt/blob/main/README.md')]).toEqual([true, true, false, false])
})

describe('following a link', () => {
  const served = async (answers: Record<string, number>): Promise<{ origin: string; asked: string[] }> => {
    const asked: string[] = []
    const server = createServer(({ method, url }, response) => {
      asked.push(`${method} ${url}`)
      const status = answers[`${method} ${url}`] ?? answers[url!] ?? 404
      response.writeHead(status, status === 301 ? { Location: '/there' } : {}).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
    })
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
  }

  test.each([
    ['there', { '/a': 200 }],
    ['moved', { '/a': 301, '/there': 200 }],
    ['there for GET alone', { 'HEAD /a': 405, '/a': 200 }],
    ['there, for people', { '/a': 403 }],
  ])('what is %s', async (_what, answers) => {
    const { origin } = await served(answers)
    expect(await followLink(`${origin}/a`)).toBeUndefined()
  })

  test('what is gone, which is not asked for again', async () => {
    const { origin, asked } = await served({})
    expect(await followLink(`${origin}/a`)).toBe('says 404')
    expect(asked).toEqual(['HEAD /a', 'GET /a'])
  })

  test('a server that fails is asked a second time, and so is one that does not answer', async () => {
    const { origin, asked } = await served({ '/a': 503 })
    expect(await followLink(`${origin}/a`)).toBe('says 503')
    expect(asked).toHaveLength(4)
    let calls = 0
    const ask = () => (calls++ === 0 ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve({ status: 200 }))
    expect(await followLink('https://one.org', ask)).toBeUndefined()
    const never = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ENOTFOUND one.org') }))
    expect(await followLink('https://one.org', never)).toBe('does not answer: ENOTFOUND one.org')
  })
})
