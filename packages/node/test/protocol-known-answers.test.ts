import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printed, protocolAnswers, withAnswers } from './protocol-answers.ts'

const document = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')

// spec: STT-CRY-8, STT-CRY-12, STT-CRY-14, STT-CRY-15, STT-HS-1, STT-HS-17, STT-HS-18, STT-HS-19, STT-HS-41, STT-PKT-3
// spec: STT-FRM-1 STT-FRM-3 STT-FRM-8 STT-SER-5 STT-SEG-2 STT-SEG-21 STT-RLY-1 STT-RLY-2 STT-RLY-7 STT-REG-2 STT-REG-3
test.each(protocolAnswers())('the engines give what the specification prints for section $section', answers => {
  expect(document).toContain(printed(answers))
})

test('the specification prints only known answers that are compared', () => {
  expect(document.match(/^known answers of/gm)).toHaveLength(protocolAnswers().length)
  expect(withAnswers(document)).toBe(document)
})
