import { test } from 'vitest'
import { crowdsAreKilled } from '../test/crowds.ts'

// spec: STT-RLY-16
test('10,000 clients that are killed leave no slot and no memory taken', () => crowdsAreKilled(50, 50))
