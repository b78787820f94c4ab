import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate, testKey } from './tls.ts'

/** An nginx in front of one WebSocket listener: `/stt` leads there, `/gone` to a backend that is not there. */
export interface NginxProxy {
  /** Addresses without a path: `ws://127.0.0.1:40123`, and the same over TLS with `testCertificate`. */
  readonly plain: string
  readonly secure: string
  /** May be called again. */
  stop(): Promise<void>
}

/** The nginx of this machine, if there is one (Debian: nginx-light). */
export const findNginx = (): string | undefined =>
  ['nginx', '/usr/sbin/nginx'].find(path => spawnSync(path, ['-v']).status === 0)

/** @param backend address of the listener, `ws://127.0.0.1:40124` */
export async function startNginx(nginx: string, backend: string): Promise<NginxProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'stt-nginx-'))
  const [plainPort, securePort] = [await freePort(), await freePort()]
  await writeFile(join(folder, 'key.pem'), testKey)
  await writeFile(join(folder, 'certificate.pem'), testCertificate)
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, plainPort, securePort, backend))
  const proxy = spawn(nginx, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  for (const port of [plainPort, securePort])
    while (!(await accepts(port))) if (proxy.exitCode !== null) throw new Error('nginx ended')
  return {
    plain: `ws://127.0.0.1:${plainPort}`,
    secure: `wss://127.0.0.1:${securePort}`,
    async stop() {
      if (!proxy.kill('SIGTERM')) return
      await once(proxy, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

function configuration(folder: string, plainPort: number, securePort: number, backend: string): string {
  const upstream = backend.replace('ws:', 'http:')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    each => `${each}_temp_path ${folder}/${each};`,
  )
  const locations = `
      location /stt { proxy_pass ${upstream}/; }
      location /gone { proxy_pass http://127.0.0.1:1/; }
      location / { return 404; }`
  return `
  daemon off; master_process off; pid ${folder}/nginx.pid;
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  events {}
  http {
    access_log off; ${temporary.join(' ')}
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    # Clients of a test all have one address: they say which one to play.
    proxy_set_header X-Real-IP $http_x_test_address;
    server { listen 127.0.0.1:${plainPort}; ${locations} }
    server {
      listen 127.0.0.1:${securePort} ssl; ssl_certificate certificate.pem; ssl_certificate_key key.pem; ${locations}
    }
  }`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** One attempt, a turn of the event loop long at least. */
function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
