import { expect, test } from 'vitest'
import { walks } from '../src/rules/walks.ts'
import { manifest, repositoryOf } from './fixture.ts'

/** Two packages: frame has a seam, which stream implements and session uses. */
const SOURCES = {
  'packages/frame/package.json': manifest('frame'),
  'packages/frame/src/index.ts': "export { write as put } from './writing.ts'\nexport * from './seams.ts'\n",
  'packages/frame/src/writing.ts': 'export const write = 1\nexport const hidden = 2\n',
  'packages/frame/src/seams.ts': "export type { Seam } from './seam.ts'\n",
  'packages/frame/src/seam.ts': 'export interface Seam {}\n',
  'packages/frame/src/alone.ts': 'export const alone = 1\n',
  'packages/stream/package.json': manifest('stream'),
  'packages/stream/src/index.ts': "export * from './manager.ts'\n",
  'packages/stream/src/manager.ts': "import type { Seam } from '@stt/frame'\nexport class Manager implements Seam {}\n",
  'packages/stream/src/user.ts': "import type { Seam } from '@stt/frame'\nexport const use = (seam: Seam) => seam\n",
  'packages/session/package.json': manifest('session'),
  'packages/session/src/index.ts': "export { send } from './send/send.ts'\n",
  'packages/session/src/send/send.ts':
    "import { put, type Seam } from '@stt/frame'\nimport './leaf.ts'\nexport const send = (seam: Seam) => put + seam\n",
  'packages/session/src/send/leaf.ts': 'export const leaf = 1\n',
  'packages/session/src/send/lazy.ts': "export const lazy = () => import('./leaf.ts')\n",
  'packages/session/src/send/type.ts': "export type Type = import('@stt/frame').Seam\n",
}

/** @param steps lines of a list, without the numbers and the backticks */
const check = (steps: readonly string[], heading = '### Walk: a packet (at most 4 files)') => {
  const lines = steps.map(step => step.replace(/^( *)(\S+)/, '$11. `$2`'))
  const document = `# How\n\n${heading}\n\n${lines.join('\n')}\n\n## After\n\n1. \`not/a/step.ts\`\n`
  return walks.check(repositoryOf({ ...SOURCES, 'docs/ARCHITECTURE.md': document })) as readonly string[]
}

const SEND = 'session/src/send/send.ts'
const LEAF = 'session/src/send/leaf.ts'

test.each([
  ['imports the next one', [SEND, LEAF]],
  ['is imported by the next one', [LEAF, SEND]],
  ['imports the next one when it is needed', ['session/src/send/lazy.ts', LEAF]],
  ['uses a value of another package, under the name that its entry gives it', [SEND, 'frame/src/writing.ts']],
  ['uses a type of another package, however often that is passed on', [SEND, 'frame/src/seam.ts']],
  ['names a type in place', ['session/src/send/type.ts', 'frame/src/seam.ts']],
  ['uses what the next one implements', [SEND, 'stream/src/manager.ts']],
  ['implements what the next one uses', ['stream/src/manager.ts', SEND]],
])('a file that %s', (_, steps) => {
  expect(check(steps)).toEqual([])
})

test.each([
  ['do not know each other', ['session/src/send/lazy.ts', SEND]],
  ['are not known though their package is', [SEND, 'frame/src/alone.ts']],
  ['use the same interface', [SEND, 'stream/src/user.ts']],
])('files that %s', (_, steps) => {
  expect(check(steps)).toEqual([expect.stringMatching(`walk "a packet": ${steps[0]} and ${steps[1]} do not know each`)])
})

test('a look aside is from the file above it, and the way goes on from there', () => {
  expect(check(['frame/src/seam.ts used', `${SEND} uses`, `  ${LEAF} aside`, 'stream/src/manager.ts'])).toEqual([])
  expect(check([SEND, `  ${LEAF}`, '    session/src/send/lazy.ts', '  frame/src/writing.ts'])).toEqual([])
  expect(check(['frame/src/seam.ts', `  ${LEAF}`, SEND])).toEqual([
    expect.stringMatching('seam.ts and .*leaf.ts do not'),
  ])
})

test('more files than the heading allows', () => {
  expect(check([LEAF, SEND], '### Walk: a packet (at most 1 files)')).toEqual([
    expect.stringMatching(/walk "a packet" has 2 files and may have 1/),
  ])
})

test('a file twice, a file that is gone, and a step without a file', () => {
  expect(check([LEAF, SEND, LEAF])).toEqual([expect.stringMatching(/goes to session\/src\/send\/leaf\.ts twice/)])
  expect(check([SEND, 'session/src/gone.ts'])).toEqual([expect.stringMatching(/no packages\/session\/src\/gone\.ts/)])
  const document = '### Walk: a packet (at most 4 files)\n\n1. then it is sent\n'
  expect(walks.check(repositoryOf({ ...SOURCES, 'docs/ARCHITECTURE.md': document }))).toEqual([
    expect.stringMatching(/"then it is sent" does not begin with a path/),
  ])
})

test('a walk without a limit, one without steps, and no walk at all', () => {
  expect(check([SEND], '### Walk: a packet')).toEqual([expect.stringMatching(/"a packet" does not end its heading/)])
  expect(check([])).toEqual([expect.stringMatching(/"a packet" has no steps/)])
  expect(check([SEND], '### A packet')).toEqual([expect.stringMatching(/has no walk/)])
})
