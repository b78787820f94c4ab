import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Marks in a package's declarations what its code does not export: `export { type Stream }`. The bundler of declarations
 * forgets that a class was exported as a type only, and then promises a value that is not there.
 *
 * Runs in the package's folder, after tsup.
 */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))

/** By file of declarations, the files of code that it describes. */
const described = new Map()

function collect(conditions, types) {
  if (typeof conditions === 'string') return
  const own = typeof conditions.types === 'string' ? conditions.types : types
  for (const [condition, value] of Object.entries(conditions)) {
    if (condition === 'types' || condition === '@stt/source') continue
    if (typeof value === 'string' && own) described.set(own, [...(described.get(own) ?? []), value])
    else collect(value, own)
  }
}
for (const entry of Object.values(exports)) collect(entry)

const LIST = /^export \{([^}]*)\}/gm
const namesOf = list =>
  list
    .split(',')
    .map(each => each.trim())
    .filter(Boolean)
const exportedName = specifier => specifier.split(/\s+as\s+/).at(-1)

for (const [types, files] of described) {
  const exported = files.map(
    file =>
      new Set([...readFileSync(file, 'utf8').matchAll(LIST)].flatMap(([, list]) => namesOf(list).map(exportedName))),
  )
  const isValue = name => exported.every(names => names.has(name))
  const text = readFileSync(types, 'utf8')
  const marked = text.replace(LIST, (_, list) => {
    const specifiers = namesOf(list).map(specifier =>
      specifier.startsWith('type ') || isValue(exportedName(specifier)) ? specifier : `type ${specifier}`,
    )
    return `export { ${specifiers.join(', ')} }`
  })
  writeFileSync(types, marked)
}
