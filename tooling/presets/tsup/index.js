/** The build of every published package: one ESM bundle per entry, its types beside it, nothing of another package inside. */
export const library = (entry = { index: 'src/index.ts' }) => ({
  entry,
  format: ['esm'],
  platform: 'neutral',
  target: 'es2022',
  // tsup does not treat optional dependencies as dependencies.
  external: [/^node:/, /^@stt\//],
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  // tsup still passes `baseUrl`, which TypeScript 6 deprecates. Types are checked by themselves, of all packages at once.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', noCheck: true } },
})

/**
 * The build of a package that has one entry for Node and another one for pages: no file is for both, since a file costs Node
 * more at the start of a process than what is in it. The package's script empties `dist` before: these write to one folder.
 */
export const byPlatform = entries => {
  const code = Object.entries(entries).map(([name, source]) => ({
    ...library({ [name]: source }),
    clean: false,
    dts: false,
  }))
  const { dts } = library()
  return [...code, { ...library(entries), clean: false, dts: { ...dts, only: true } }]
}
