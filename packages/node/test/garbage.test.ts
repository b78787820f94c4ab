import { test } from 'vitest'
import { surviveGarbage } from './survive-garbage.ts'

// spec: STT-REC-41 STT-REC-51
// Only Linux has all of 127.0.0.0/8 without being asked.
test.skipIf(process.platform !== 'linux')(
  'a session goes on, with flat memory, through 100,000 datagrams of garbage from 64 addresses',
  () => surviveGarbage(100_000),
  120_000,
)
