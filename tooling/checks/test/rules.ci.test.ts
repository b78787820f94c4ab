import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Copy } from '../src/copy.ts'
import { Repository } from '../src/repository.ts'
import { RULES } from '../src/rules/index.ts'

/** A way to break a rule, and what the rule then has to say. */
interface Break {
  readonly what: string
  readonly rule: string
  readonly says: RegExp
  readonly how: (copy: Copy) => void
  /** Folder of the one package to look at, where looking at all of them takes long. */
  readonly only?: string
}

const SESSION = 'packages/session/src/session-engine.ts'
const ARCHITECTURE = 'docs/ARCHITECTURE.md'

const BREAKS: readonly Break[] = [
  {
    what: 'a file that is not formatted',
    rule: 'format',
    says: /Formatter would have printed/,
    how: copy => copy.write('packages/errors/src/codes.ts', `${copy.read('packages/errors/src/codes.ts')}\n\n\n`),
  },
  {
    what: 'a default export',
    rule: 'format',
    says: /noDefaultExport/,
    how: copy => copy.append('packages/errors/src/abort.ts', '\nexport default abortError\n'),
  },
  {
    what: 'an upward import, even a declared one',
    rule: 'layers',
    says: /session\/src\/session-engine\.ts → packages\/node\/.*may import errors, crypto, frame/,
    how: copy => {
      copy.link('packages/session/node_modules/@stt/node', 'packages/node')
      copy.edit('packages/session/package.json', ({ dependencies }) =>
        Object.assign(dependencies!, { '@stt/node': 'workspace:^' }),
      )
      copy.append(SESSION, "\nimport '@stt/node'\n")
    },
  },
  {
    what: 'an upward dependency in a manifest',
    rule: 'manifests',
    says: /@stt\/node is not in a layer above/,
    how: copy =>
      copy.edit('packages/session/package.json', ({ dependencies }) =>
        Object.assign(dependencies!, { '@stt/node': 'workspace:^' }),
      ),
  },
  {
    what: 'an undeclared package of the workspace',
    rule: 'layers',
    says: /@stt\/handshake: this import leads nowhere/,
    how: copy => copy.append('packages/errors/src/abort.ts', "\nimport '@stt/handshake'\n"),
  },
  {
    what: 'an undeclared package from outside',
    rule: 'layers',
    says: /turbo.*(not among the dependencies|leads nowhere)/,
    how: copy => copy.append('packages/errors/src/abort.ts', "\nimport 'turbo'\n"),
  },
  {
    what: 'a development dependency in published code',
    rule: 'layers',
    says: /only a devDependency/,
    how: copy => copy.append('packages/errors/src/abort.ts', "\nimport 'vitest'\n"),
  },
  {
    what: "a reach into another package's sources",
    rule: 'layers',
    says: /relative path into another package/,
    how: copy => copy.append('packages/frame/src/link.ts', "\nimport '../../errors/src/codes.ts'\n"),
  },
  {
    what: 'a reach into another package through its name',
    rule: 'layers',
    says: /leads nowhere/,
    how: copy => copy.append('packages/frame/src/link.ts', "\nimport '@stt/errors/src/codes.ts'\n"),
  },
  {
    what: 'a circle',
    rule: 'layers',
    says: /circle/,
    how: copy => copy.append('packages/errors/src/stt-error.ts', "\nimport './abort.ts'\n"),
  },
  {
    what: 'a circle of types',
    rule: 'layers',
    says: /^packages\/errors\/src\/codes\.ts → packages\/errors\/src\/stt-error\.ts → packages\/errors\/src\/codes\.ts: .*types included/m,
    how: copy => copy.append('packages/errors/src/codes.ts', "\nexport type { SttError } from './stt-error.ts'\n"),
  },
  {
    what: 'a module of Node in a package that runs anywhere',
    rule: 'layers',
    says: /no module of Node/,
    how: copy => copy.append('packages/serialize/src/index.ts', "\nimport 'node:fs'\n"),
  },
  {
    what: "a relay's engine in what a node loads",
    rule: 'layers',
    says: /rendezvous\/src\/names\.ts → packages\/rendezvous\/src\/server\/circuit\.ts: only a relay may load/,
    how: copy => copy.append('packages/rendezvous/src/names.ts', "\nimport './server/circuit.ts'\n"),
  },
  {
    what: 'cryptography in what a session loads of the streams',
    rule: 'layers',
    says: /stream\/src\/queue\.ts → packages\/crypto\/.*only @stt\/stream\/segments/,
    how: copy => copy.append('packages/stream/src/queue.ts', "\nimport '@stt/crypto'\n"),
  },
  {
    what: 'a clock in a sans-IO package',
    rule: 'forbidden',
    says: /Date\.now: .*arguments/,
    how: copy => copy.append(SESSION, '\nDate.now()\n'),
  },
  {
    what: 'a question for the kind of a link in a sans-IO package',
    rule: 'forbidden',
    says: /session\/src\/session-engine\.ts has kind ===: /,
    how: copy =>
      copy.append(SESSION, "\nexport const isLossy = (link: { kind: string }) => link.kind === 'datagram'\n"),
  },
  {
    what: 'a transport that is read off an address',
    rule: 'forbidden',
    says: /session\/src\/session-engine\.ts has startsWith\("udp:: /,
    how: copy => copy.append(SESSION, "\nexport const isUdp = (address: string) => address.startsWith('udp://')\n"),
  },
  {
    what: 'a SHA-256',
    rule: 'forbidden',
    says: /BLAKE2b/,
    how: copy => copy.append('packages/crypto/src/index.ts', "\nexport const name = 'sha256'\n"),
  },
  {
    what: 'ws as a dependency',
    rule: 'forbidden',
    says: /names ws in dependencies/,
    how: copy =>
      copy.edit('packages/transport-ws/package.json', ({ dependencies }) =>
        Object.assign(dependencies!, { ws: '8.0.0' }),
      ),
  },
  {
    what: 'a package without side effects that says it has some',
    rule: 'manifests',
    says: /sideEffects/,
    how: copy => copy.edit('packages/frame/package.json', manifest => Object.assign(manifest, { sideEffects: true })),
  },
  {
    what: 'a MUST that nothing cites',
    rule: 'citations',
    says: /STT-CHA-999 is cited in no code/,
    how: copy => copy.append('docs/PROTOCOL.md', '\n**STT-CHA-999** It MUST.\n'),
  },
  {
    what: 'a citation of nothing',
    rule: 'citations',
    says: /cites STT-CHA-998/,
    how: copy => copy.append(SESSION, '\n// spec: STT-CHA-998\n'),
  },
  {
    what: 'a file that nothing imports',
    rule: 'unused',
    says: /left-over\.ts/,
    how: copy => copy.write('packages/frame/src/left-over.ts', 'export const leftOver = 1\n'),
  },
  {
    what: 'a dependency that nothing imports',
    rule: 'unused',
    says: /Unused dependencies[\s\S]*left-pad/,
    how: copy =>
      copy.edit('packages/errors/package.json', manifest =>
        Object.assign(manifest, { dependencies: { 'left-pad': '1.3.0' } }),
      ),
  },
  {
    what: 'a registry host',
    rule: 'neutral',
    says: /registry/,
    how: copy => copy.append('CONTRIBUTING.md', `\nSet it to registry.${'example'}.com\n`),
  },
  {
    what: 'an address in the lockfile',
    rule: 'neutral',
    says: /any registry/,
    how: copy => copy.append('pnpm-lock.yaml', '\n# https://example.invalid/x.tgz\n'),
  },
  {
    what: 'a link to nothing',
    rule: 'documents',
    says: /README\.md links to docs\/NOTHING\.md/,
    how: copy => copy.append('README.md', '\n[more](docs/NOTHING.md)\n'),
  },
  {
    what: 'a command of a package manager that readers do not have',
    rule: 'tasks',
    says: /CONTRIBUTING\.md says "pnpm run": readers have npm only/,
    how: copy => copy.append('CONTRIBUTING.md', '\n`pnpm run fuzz`\n'),
  },
  {
    what: 'a script that is not there',
    rule: 'tasks',
    says: /docs\/review\.md says "npm run teleport", which is no script/,
    how: copy => copy.append('docs/review.md', '\n`npm run teleport`\n'),
  },
  {
    what: 'a link to elsewhere that is not https',
    rule: 'external',
    says: /README\.md: http:\/\/nodejs\.org\/ is http, or none: write https/,
    how: copy => copy.append('README.md', '\n[more](http://nodejs.org/)\n'),
  },
  {
    what: 'a file that the architecture names and that is gone',
    rule: 'documents',
    says: /names session\/src\/gone\.ts/,
    how: copy => copy.append('docs/ARCHITECTURE.md', '\n`session/src/gone.ts`\n'),
  },
  {
    what: 'a walk that is longer than it may be',
    rule: 'walks',
    says: /walk "a move" has 6 files and may have 5/,
    how: copy =>
      copy.write(
        ARCHITECTURE,
        copy.read(ARCHITECTURE).replace(/(### Walk: a move [^#]*\n)(?=\n###)/, '$1   - `session/src/path/path.ts`\n'),
      ),
  },
  {
    what: 'a walk between files that do not know each other any more',
    rule: 'walks',
    says: /walk "a move": session\/src\/path\/path-follower\.ts and session\/src\/path\/paths\.ts do not know each other/,
    how: copy =>
      copy.write(
        'packages/session/src/path/path-follower.ts',
        copy.read('packages/session/src/path/path-follower.ts').replace(/.*'.\/paths.ts'.*\n/, ''),
      ),
  },
  {
    what: 'a public type that the package does not export',
    rule: 'nameable',
    says: /declares Hidden, which @stt\/crypto does not export/,
    how: copy => copy.append('packages/crypto/etc/api.d.ts', 'interface Hidden {}\n'),
  },
  {
    what: 'public types that are not the committed ones',
    rule: 'api',
    says: /not what @stt\/errors exports/,
    how: copy => copy.append('packages/errors/dist/index.d.ts', '\nexport declare const added: number\n'),
  },
  {
    what: 'public types that changed without a changeset',
    rule: 'api',
    says: /packages\/errors\/etc\/api\.d\.ts changed since version .* without a changeset/,
    how: copy => {
      copy.append('packages/errors/dist/index.d.ts', '\nexport declare const added: number;\n')
      copy.append('packages/errors/etc/api.d.ts', 'export declare const added: number;\n')
    },
  },
  {
    what: 'a changeset that names no package',
    rule: 'api',
    says: /a-change\.md names no package/,
    how: copy => copy.write('.changeset/a-change.md', '---\n\n## "@stt/errors": minor\n'),
  },
  {
    what: 'comments that hide who acts',
    rule: 'english',
    says: /"Whoever" \d+ times, and \d+ at most: say who or what acts[\s\S]*frame\/src\/added\.ts: …Whoever reads this/,
    how: copy => copy.write('packages/frame/src/added.ts', '/** Whoever reads this. */\n'.repeat(200)),
  },
  {
    what: 'a name that was replaced',
    rule: 'english',
    says: /frame\/src\/added\.ts has the name UdpDoor/,
    how: copy => copy.write('packages/frame/src/added.ts', 'export class UdpDoor {}\n'),
  },
  {
    what: 'public types that grow',
    rule: 'surface',
    says: /lines in packages\/\*\/etc\/api\.d\.ts, more than \d+ \(.*: export less/,
    how: copy => copy.append('packages/errors/etc/api.d.ts', 'export declare const added: number\n'.repeat(4_000)),
  },
  {
    what: 'a limit without a docstring',
    rule: 'docstrings',
    says: /packages\/transport-udp\/src\/index\.ts: AddedLimits\.most has no docstring/,
    how: copy =>
      copy.append('packages/transport-udp/src/index.ts', '\nexport interface AddedLimits {\n  most: number\n}\n'),
  },
  {
    what: 'a main call without an example',
    rule: 'docstrings',
    says: /@stt\/node: STTNode\.connect has no @example/,
    how: copy => {
      for (const file of copy.files('packages/node/src'))
        if (copy.read(file).includes('@example')) copy.write(file, copy.read(file).replaceAll('@example', ''))
    },
  },
  {
    what: 'a class that the types promise and nothing exports',
    rule: 'values',
    says: /@stt\/errors: .*index\.d\.ts promises the value Ghost/,
    how: copy => copy.append('packages/errors/dist/index.d.ts', '\nexport declare class Ghost {}\n'),
  },
  {
    what: 'a bundle that is too large',
    rule: 'size',
    says: /@stt\/errors: \d+ bytes, the budget is/,
    how: copy => copy.append('packages/errors/dist/index.js', `\nexport const ballast = '${noise(20_000)}'\n`),
  },
  {
    what: 'a package without a size budget',
    rule: 'size',
    says: /@stt\/errors has no budget/,
    how: copy =>
      copy.write(
        'tooling/checks/.size-limit.js',
        copy.read('tooling/checks/.size-limit.js').replace(/^ {2}errors: .*\n/m, ''),
      ),
  },
  {
    what: 'an entry that is not in the tarball',
    rule: 'publish',
    only: 'errors',
    says: /@stt\/errors: publint/,
    how: copy =>
      copy.edit('packages/errors/package.json', ({ publishConfig }) =>
        Object.assign(publishConfig!, { exports: { '.': { types: './dist/index.d.ts', default: './dist/main.js' } } }),
      ),
  },
  {
    what: 'an entry without types',
    rule: 'publish',
    only: 'errors',
    says: /@stt\/errors: attw/,
    how: copy =>
      copy.edit('packages/errors/package.json', ({ publishConfig }) =>
        Object.assign(publishConfig!, { exports: { '.': './dist/index.js', './more': './dist/index.js.map' } }),
      ),
  },
  {
    what: 'a link out of the package',
    rule: 'tarballs',
    only: 'errors',
    says: /@stt\/errors: README\.md: \.\.\/\.\.\/SECURITY\.md is not in the tarball/,
    how: copy => copy.append('packages/errors/README.md', '\n[threats](../../SECURITY.md)\n'),
  },
  {
    what: 'a link into this repository to a file that is not there',
    rule: 'tarballs',
    only: 'errors',
    says: /blob\/main\/docs\/GONE\.md does not exist/,
    how: copy => {
      const { url } = JSON.parse(copy.read('package.json')).repository
      copy.append(
        'packages/errors/README.md',
        `\n[gone](${url.slice('git+'.length, -'.git'.length)}/blob/main/docs/GONE.md)\n`,
      )
    },
  },
  {
    what: 'a link to a heading that is not there',
    rule: 'tarballs',
    only: 'errors',
    says: /#no-such-heading: there is no such heading/,
    how: copy => copy.append('packages/errors/README.md', '\n[below](#no-such-heading)\n'),
  },
  {
    what: 'a file that a README names and nobody packs',
    rule: 'tarballs',
    only: 'errors',
    says: /src\/codes\.ts is not in the tarball/,
    how: copy => copy.append('packages/errors/README.md', '\nAll of them are in `src/codes.ts`.\n'),
  },
  {
    what: 'a name of a link that nothing defines',
    rule: 'tarballs',
    only: 'errors',
    says: /\[nowhere\] is defined nowhere/,
    how: copy => copy.append('packages/errors/README.md', '\nSee [this][nowhere].\n'),
  },
  {
    what: 'mDNS among what a node installs',
    rule: 'multicast',
    says: /@stt\/node → @stt\/rendezvous → @stt\/lan: mDNS is installed by who asks for it/,
    how: copy =>
      copy.edit('packages/rendezvous/package.json', ({ dependencies }) =>
        Object.assign(dependencies!, { '@stt/lan': 'workspace:^' }),
      ),
  },
  {
    what: 'mDNS in what a page gets, by a name that a bundler can follow',
    rule: 'multicast',
    says: /dns-packet\/index\.js[\s\S]*a page gets packages\/lan\/src\/index\.ts/,
    how: copy =>
      copy.append(
        'packages/node/src/discovery/connect-found.ts',
        "\nexport const loadLan = () => import('@stt/lan')\n",
      ),
  },
  {
    what: 'a mutant whose text is gone',
    rule: 'mutants',
    says: /the mutant that compares bytes loosely: its text stands 0 times in packages\/crypto\/src\/bytes\.ts/,
    how: copy =>
      copy.write(
        'packages/crypto/src/bytes.ts',
        copy.read('packages/crypto/src/bytes.ts').replace('difference |= a[i]', 'difference ^= a[i]'),
      ),
  },
]

let copy: Copy
beforeAll(() => {
  copy = new Copy()
  // The changesets that wait for a version would excuse the changes that are made here.
  copy.dropChangesets()
  copy.commitAll()
})
afterEach(() => copy.restore())
afterAll(() => copy.delete())

const check = (name: string, only?: string) =>
  RULES.find(rule => rule.name === name)!.check(new Repository(copy.root, only ? [only] : undefined))

describe.each(RULES.map(({ name }) => name))('%s', name => {
  test('holds as things are', async () => {
    expect(await check(name)).toEqual([])
  })

  test.each(BREAKS.filter(({ rule }) => rule === name))('notices $what', async ({ how, says, only }) => {
    how(copy)
    expect((await check(name, only)).join('\n')).toMatch(says)
  })
})

test('every rule is broken here at least once', () => {
  expect(new Set(BREAKS.map(({ rule }) => rule))).toEqual(new Set(RULES.map(({ name }) => name)))
})

/** Text that does not compress. */
function noise(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (state * 48271) % 2147483647
    return (state % 36).toString(36)
  }).join('')
}
