import { networkInterfaces } from 'node:os'
import { beforeEach, expect, test, vi } from 'vitest'
import { systemAddresses, systemInterfaces } from './system-interfaces.ts'

vi.mock('node:os', () => ({ networkInterfaces: vi.fn() }))
const asked = vi.mocked(networkInterfaces)
let now = 0
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  now += 10_000
  asked.mockReset().mockReturnValue({})
})

test('the system is asked again after half a second, and not before', () => {
  systemInterfaces()
  now += 499
  systemInterfaces()
  expect(asked).toHaveBeenCalledTimes(1)
  now += 1
  systemInterfaces()
  expect(asked).toHaveBeenCalledTimes(2)
})

test('nothing is near when the system does not answer, and the next caller asks again', () => {
  asked.mockImplementation(() => {
    throw new Error('EACCES')
  })
  expect(systemAddresses()).toEqual([])
  expect(systemInterfaces).toThrow('EACCES')
  expect(asked).toHaveBeenCalledTimes(2)
})
