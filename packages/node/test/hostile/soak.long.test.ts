import { test } from 'vitest'
import { soak } from './soak.ts'

const SECONDS = Number(process.env['STT_SOAK'] ?? 300)
const seed = Number(process.env['STT_SEED'] ?? 1)

test('a node survives a holder of the seed that does its worst', () => soak('attack', SECONDS, seed))

test('a node survives an attacker without the seed', () => soak('strange', SECONDS, seed))
