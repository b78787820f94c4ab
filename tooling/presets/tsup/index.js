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
