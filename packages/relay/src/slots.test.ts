import { test } from 'vitest'
import { crowdsAreKilled } from '../test/crowds.ts'

// spec: STT-RLY-16
test('clients that are killed leave no slot taken', () => crowdsAreKilled(3, 10))
