import { sealGolden } from './seal-golden.ts'

const { provider, pieces } = sealGolden()
console.log(JSON.stringify({ provider, pieces }))
