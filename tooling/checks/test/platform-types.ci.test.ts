import { join } from 'node:path'
import ts from 'typescript'
import older from 'typescript-5.9'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** What a page's author writes with bytes of STT, one line for each part of the platform that takes some. */
const LINES = `
import { type Seed, STTNode } from '@stt/node'
import { encode } from '@stt/serialize'
declare const seed: Seed
const node = await STTNode.create({ seed })
const session = await node.connect('wss://example.org')
const stream = await session.openStream()
const bytes = await stream.readExactly(4)
new Blob([bytes, ...(await Array.fromAsync(stream))])
new File([await stream.readAll({ maxBytes: 9 })], 'name')
await fetch('/x', { method: 'POST', body: encode({ a: 1 }) })
new Response(stream.readable)
await crypto.subtle.importKey('raw', session.exportKey('x', 32), 'AES-GCM', false, ['encrypt'])
await crypto.subtle.digest('SHA-256', session.peer.id)
await stream.readable.pipeThrough(new DecompressionStream('gzip')).pipeTo(stream.writable)
for await (const message of stream.messages()) new WebSocket('wss://example.org').send(message)
for await (const datagram of session.datagrams()) structuredClone(datagram, { transfer: [datagram.buffer] })
new TextDecoder().decode(node.id)
await stream.write(new Uint8Array(new SharedArrayBuffer(1)))
`

/** The same in Node, whose streams have one more form. */
const NODE_LINES = `
import { pipeline } from 'node:stream'
import { connect } from 'node:net'
import { STTNode, type Seed } from '@stt/node'
declare const seed: Seed
const node = await STTNode.create({ seed })
node.onSession(session => session.onStream(stream => pipeline(stream.toDuplex(), connect(1), () => {})))
`

test.each([
  ['5.9', older],
  ['6', ts as unknown as typeof older],
])('bytes fit what takes bytes under TypeScript %s', (version, compiler) => {
  expect(compiler.version.startsWith(version)).toBe(true)
  const page = {
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: [],
  }
  expect(faultsOf(compiler, LINES, 'index.browser', page)).toEqual([])
  const typeRoots = [join(root, 'packages/node/node_modules/@types')]
  expect(faultsOf(compiler, NODE_LINES, 'index', { lib: ['lib.esnext.d.ts'], types: ['node'], typeRoots })).toEqual([])
  // A page has no Node streams.
  const inPage = faultsOf(compiler, `${LINES}stream.toDuplex()\n`, 'index.browser', page)
  expect(inPage).toEqual([expect.stringContaining('toDuplex')])
})

/** Files of declarations, which each program has again. */
const parsed = new Map<string, older.SourceFile | undefined>()

/** What the compiler says of `text`, which uses the packages as they are built. */
function faultsOf(compiler: typeof older, text: string, entry: string, more: object): readonly string[] {
  const file = join(root, 'packages/node/test/lines.ts')
  const paths = {
    '@stt/crypto/sodium': [join(root, 'packages/crypto/dist/sodium.d.ts')],
    '@stt/node': [join(root, `packages/node/dist/${entry}.d.ts`)],
    '@stt/*': [join(root, 'packages/*/dist/index.d.ts')],
  }
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: compiler.ScriptTarget.ESNext,
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    paths,
    ...more,
  }
  const host = compiler.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = name => name === file || fileExists(name)
  host.getSourceFile = (name, target, ...rest) => {
    if (name === file) return compiler.createSourceFile(name, text, target)
    const key = `${compiler.version} ${name}`
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, target, ...rest))
    return parsed.get(key)
  }
  return compiler
    .getPreEmitDiagnostics(compiler.createProgram([file], options, host))
    .map(({ messageText }) => compiler.flattenDiagnosticMessageText(messageText, ' '))
}
