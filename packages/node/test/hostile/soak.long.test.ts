import { test } from 'vitest'
import { soak } from './soak.ts'

/** Milliseconds for all of them together: five minutes each. */
const SECONDS = 300
const seed = Number(process.env['STT_SEED'] ?? 1)

test('a holder of the seed that does its worst for five minutes', () => soak('attack', SECONDS, seed))

test('somebody without the seed, for as long', () => soak('strange', SECONDS, seed))
