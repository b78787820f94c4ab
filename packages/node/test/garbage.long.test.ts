import { test } from 'vitest'
import { surviveGarbage } from './survive-garbage.ts'

// spec: STT-REC-41 STT-REC-51
test.skipIf(process.platform !== 'linux')(
  '1,000,000 datagrams of garbage from 64 addresses: the session goes on, memory is flat',
  () => surviveGarbage(1_000_000),
)
