import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { INDEX_FILE, protocolIndex } from './protocol-index.ts'
import { Repository } from './repository.ts'

// Writes docs/protocol-index.md as the citations are now.
const repository = new Repository(fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, ''))
writeFileSync(join(repository.root, INDEX_FILE), protocolIndex(repository))
console.log(`wrote ${INDEX_FILE}`)
