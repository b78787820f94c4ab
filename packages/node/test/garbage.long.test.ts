import { test } from 'vitest'
import { surviveGarbage } from './survive-garbage.ts'

// spec: STT-REC-41 STT-REC-51
test.skipIf(process.platform !== 'linux')(
  'a session goes on, with flat memory, through 1,000,000 datagrams of garbage from 64 addresses',
  () => surviveGarbage(1_000_000),
)
