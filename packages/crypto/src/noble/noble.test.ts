import { expect, test } from 'vitest'
import * as browser from './browser.ts'
import * as node from './node.ts'

test('Node loads the same functions as a page', () => {
  const { loadNobleKem, ...ofNode } = node
  expect(Object.keys(ofNode).sort()).toEqual(Object.keys(browser).sort())
  for (const [name, ofPage] of Object.entries(browser)) {
    // Of two copies of one library, so that they are compared as text.
    expect(String(ofNode[name as keyof typeof ofNode]()), name).toBe(String(ofPage()))
  }
})

test('ML-KEM that was loaded ahead is the one that is used', async () => {
  await node.loadNobleKem()
  const { ml_kem768 } = await import('@noble/post-quantum/ml-kem.js')
  expect(node.nobleKem()).toBe(ml_kem768)
})
