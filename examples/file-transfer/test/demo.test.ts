import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { test } from './processes.ts'

describe.concurrent('the demo', () => {
  test('sends a file over every transport and says what held', async ({ place }) => {
    await writeFile(place.path('in'), Buffer.alloc(3 * 1024 * 1024, 'stt'))
    const { code, stdout, stderr } = await place.run('demo', place.path('in')).outcome
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.match(/✓ the file read back from disk has the hash of the original/g)).toHaveLength(3)
    expect(stdout.match(/✓ key epoch: sender 1, receiver 1/g)).toHaveLength(2)
    expect(stdout.match(/✓ the third process was refused/g)).toHaveLength(2)
    expect(stdout).toContain('✓ the session went from udp to websocket, then from websocket to udp')
    expect(stdout).toContain('✓ it was one session all the time: the listener counts 1')
    expect(stdout).toMatch(/nothing came back over UDP any more[\s\S]*UDP passes again[\s\S]*the session is back on it/)
    expect(stdout).toMatch(/the longest time without a byte was [\d.]+ ms/)
    expect(stdout).toMatch(/✓ two processes found each other by mDNS|mDNS on the loopback interface cannot be had here/)
    expect(stdout).toMatch(/✓ two processes found each other at a relay in [\d.]+ m?s, without any address/)
    expect(stdout).not.toContain('✗')
  })

  test('says in one line that a file cannot be read, before it starts anything', async ({ place }) => {
    const { code, stdout, stderr } = await place.run('demo', place.path('missing')).outcome
    expect(stderr).toMatch(/^demo: cannot read .*missing: no such file or directory\n$/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  test('that is stopped leaves no process and no file', async ({ place, skip }) => {
    if (process.platform === 'win32') skip('Windows ends a process without telling it')
    await writeFile(place.path('in'), Buffer.alloc(1024 * 1024))
    const demo = place.run('demo', place.path('in'))
    const port = Number(await demo.printed(/listening on udp:\/\/127\.0\.0\.1:(\d+)/))
    demo.child.kill('SIGTERM')
    expect((await demo.outcome).code).toBe(1)

    // The receiver had this port; it is free once the receiver is gone.
    const socket = createSocket('udp4').bind(port, '127.0.0.1')
    await once(socket, 'listening')
    socket.close()
    expect(readdirSync(place.folder).filter(name => name.startsWith('stt-demo-'))).toEqual([])
  })
})
