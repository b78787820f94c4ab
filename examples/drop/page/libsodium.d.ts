/** The part of the package `libsodium` that this page uses: C functions with an underscore before, a 64-bit length as two halves, the low one first. */
declare module 'libsodium' {
  export interface LibsodiumModule {
    readonly HEAPU8: Uint8Array<ArrayBuffer>
    _malloc(bytes: number): number
    _crypto_generichash_statebytes(): number
    _crypto_generichash_init(state: number, key: number, keyLength: number, outLength: number): number
    _crypto_generichash_update(state: number, input: number, lengthLow: number, lengthHigh: number): number
    _crypto_generichash_final(state: number, out: number, outLength: number): number
  }

  // biome-ignore lint/style/noDefaultExport: it is how the package has it
  export default function createModule(): Promise<LibsodiumModule>
}
