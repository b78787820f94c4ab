import { generate } from 'selfsigned'

/** What a server needs to show a certificate of its own, and a client to trust that one and no other. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export const SERVER_NAME = 'localhost'

/** Made on the spot, with a P-256 key or one of RSA with 2,048 bits. */
export async function makeCertificate(keyType: 'ec' | 'rsa'): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: SERVER_NAME }], {
    algorithm: 'sha256',
    keyType,
  })
  return { key, cert }
}

/** Where a server listens and the certificate it shows, as one word that goes to the client's process. */
export function addressOf(port: number, { cert }: Certificate): string {
  return `${port}:${Buffer.from(cert).toString('base64url')}`
}

/** What a client connects with: it verifies the certificate and the name in it. */
export function clientOptions(address: string): { host: string; port: number; servername: string; ca: string } {
  const [port, cert] = address.split(':') as [string, string]
  return {
    host: '127.0.0.1',
    port: Number(port),
    servername: SERVER_NAME,
    ca: Buffer.from(cert, 'base64url').toString(),
  }
}
