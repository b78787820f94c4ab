/**
 * A program that shares a trust store: for each name that its parent sends it tries to be the one node admitted there,
 * and answers whether it was. Its parameters are the store's path and the byte that its node id consists of.
 */
import { FileTrustStore } from '@stt/node'

const [path, byte] = process.argv.slice(2) as [string, string]
const store = new FileTrustStore(path)
const id = new Uint8Array(32).fill(Number(byte))

process.on('message', async (name: string) => {
  const isAdmitted = await store.admit(name, id, 1)
  process.send!({ name, isAdmitted })
})
process.send!({ name: '', isAdmitted: false })
