import { expect, test } from 'vitest'
import { citations } from '../src/rules/citations.ts'
import { manifest, repositoryOf } from './fixture.ts'

const PROTOCOL = 'A MUST looks like **STT-EX-9**.\n\n## 1. Errors\n\n**STT-ERR-1** It MUST.\n\nSee STT-ERR-7 there.\n'

const check = (code: string, testCode: string, protocol = PROTOCOL) =>
  citations.check(
    repositoryOf({
      'docs/PROTOCOL.md': protocol,
      'packages/errors/package.json': manifest('errors'),
      'packages/errors/src/index.ts': code,
      'packages/errors/src/index.test.ts': testCode,
    }),
  )

test('a MUST that code and a test cite', () => {
  expect(check('// spec: STT-ERR-1\n', '// spec: STT-ERR-1: as in the table\n')).toEqual([])
})

test('a MUST that only a test cites', () => {
  expect(check('', '// spec: STT-ERR-1\n')).toEqual([expect.stringMatching(/STT-ERR-1 is cited in no code/)])
})

test('a MUST that only code cites', () => {
  expect(check('// spec: STT-ERR-1\n', '')).toEqual([expect.stringMatching(/STT-ERR-1 is cited in no test/)])
})

test('a mention that is no citation does not count', () => {
  expect(check('// see STT-ERR-1\n', '// STT-ERR-1\n')).toHaveLength(2)
})

test('a citation of what the protocol does not define, with its place', () => {
  expect(check('// spec: STT-ERR-1, STT-ERR-2\n', '\n// spec: STT-ERR-1 STT-EX-9\n')).toEqual([
    expect.stringMatching(/packages\/errors\/src\/index\.ts:1 cites STT-ERR-2/),
    expect.stringMatching(/packages\/errors\/src\/index\.test\.ts:2 cites STT-EX-9/),
  ])
})

test('a number that is given twice', () => {
  const twice = `${PROTOCOL}\n**STT-ERR-1** It MUST NOT.\n`
  expect(check('// spec: STT-ERR-1', '// spec: STT-ERR-1', twice)).toEqual([expect.stringMatching(/STT-ERR-1 twice/)])
})

test('a number without a MUST, and a MUST without a number', () => {
  const cited = '// spec: STT-ERR-1 STT-ERR-2\n'
  const loose = `${PROTOCOL}\n- **STT-ERR-2** It is so.\n- Nobody MUST.\n\nThey MUST, *too*.\n\n\`\`\`\nMUST\n\`\`\`\n`
  expect(check(cited, cited, loose)).toEqual([
    'docs/PROTOCOL.md: STT-ERR-2 says neither MUST nor SHOULD',
    'docs/PROTOCOL.md: there is a MUST without a number: - Nobody MUST.',
    'docs/PROTOCOL.md: there is a MUST without a number: They MUST, *too*.',
  ])
})
