import { provider, type Seed } from '@stt/crypto'

/** HELLOs as anybody can write them, each another: of the right shape, and right up to mac1 where a seed is given. */
export function hellos(datagram: boolean, seed?: Seed): (number: number) => Uint8Array {
  const hello = new Uint8Array(datagram ? 1_200 : 300)
  const view = new DataView(hello.buffer)
  const noiseLength = hello.length - HEADER - TOKEN_LENGTH - MAC
  hello.set([0x80, 1, noiseLength >>> 8, noiseLength & 0xff, 1])
  const mac1 = seed?.deriveKeys().mac1
  return number => {
    // Another connection id and another ephemeral key each.
    view.setUint32(16, number + 1)
    view.setUint32(25, number + 1)
    if (mac1) hello.set(provider.hmac(mac1, hello.subarray(0, -MAC)).subarray(0, MAC), hello.length - MAC)
    return hello.slice()
  }
}

const HEADER = 24
const TOKEN_LENGTH = 1
const MAC = 16
