import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Calls `use` with a path to `name` in `folder` that fits into the address of a Unix socket, whatever the folder's length. */
export async function withShortPath<T>(folder: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(folder, name)
  if (new TextEncoder().encode(path).length <= MAX_SOCKET_PATH) return use(path)
  const temporary = await mkdtemp(join(tmpdir(), 'stt-'))
  try {
    const link = join(temporary, 'lock')
    await symlink(folder, link)
    return await use(join(link, name))
  } finally {
    await rm(temporary, { recursive: true })
  }
}

/** `sun_path` has 104 bytes on macOS and 108 on Linux; Node cuts longer ones. */
const MAX_SOCKET_PATH = 100
