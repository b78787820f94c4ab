import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { testCertificate, testKey } from './tls.ts'

/**
 * An nginx in front of WebSocket listeners: `/stt` leads to each of them in turn, `/stt/0` to the first one, `/gone` to a backend that
 * is not there.
 */
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

/** @param backends addresses of the listeners, `ws://127.0.0.1:40124` */
export async function startNginx(nginx: string, backends: string | readonly string[]): Promise<NginxProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'stt-nginx-'))
  const [plainPort, securePort] = [await freePort(), await freePort()]
  await writeFile(join(folder, 'key.pem'), testKey)
  await writeFile(join(folder, 'certificate.pem'), testCertificate)
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, plainPort, securePort, [backends].flat()))
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

function configuration(folder: string, plainPort: number, securePort: number, backends: readonly string[]): string {
  const hosts = backends.map(each => new URL(each).host)
  const own = hosts.map((host, i) => `location /stt/${i} { proxy_pass http://${host}/; }`).join('\n      ')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    each => `${each}_temp_path ${folder}/${each};`,
  )
  const locations = `
      ${own}
      location /stt { proxy_pass http://listeners/; }
      location /gone { proxy_pass http://127.0.0.1:1/; }
      location / { return 404; }`
  return `
  daemon off; master_process off; pid ${folder}/nginx.pid;
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  worker_rlimit_nofile 16384;
  events { worker_connections 8192; }
  http {
    access_log off; ${temporary.join(' ')}
    upstream listeners { ${hosts.map(host => `server ${host} max_fails=0;`).join(' ')} }
    proxy_http_version 1.1;
    proxy_next_upstream error timeout http_503;
    proxy_read_timeout 120s;
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

/** One attempt, a turn of the event loop long at least. */
function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
