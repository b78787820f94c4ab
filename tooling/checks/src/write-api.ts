import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publicTypes } from './public-types.ts'
import { Repository } from './repository.ts'
import { API_FILE } from './rules/api.ts'

// Writes each package's public types, as built, to its etc/api.d.ts.
for (const each of new Repository(fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')).packages) {
  const file = join(each.path, API_FILE)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, publicTypes(each))
  console.log(`wrote packages/${each.folder}/${API_FILE}`)
}
