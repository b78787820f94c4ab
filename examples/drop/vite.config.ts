import { defineConfig } from 'vite'

/** Static files that any server can give, at any path: nothing in them names a host. */
export default defineConfig({
  root: 'page',
  base: './',
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // A style or a picture in the text of the page would need a policy that allows such.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
})
