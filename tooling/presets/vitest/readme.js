import { readFile, rm, writeFile } from 'node:fs/promises'

/**
 * Runs every `ts` block of a README as a module beside the test that asks for it.
 *
 * @param testFile `import.meta.url` of the test
 * @param readme path from the test's folder
 * @returns how many there were
 */
export async function runReadmeExamples(testFile, readme = '../README.md') {
  const text = await readFile(new URL(readme, testFile), 'utf8')
  const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  for (const [i, code] of examples.entries()) {
    // A file and not a string: the example's imports are resolved as a reader's would be.
    const file = new URL(`./.readme-example-${process.pid}-${i}.ts`, testFile)
    await writeFile(file, code)
    try {
      await import(file.href)
    } finally {
      await rm(file)
    }
  }
  return examples.length
}
