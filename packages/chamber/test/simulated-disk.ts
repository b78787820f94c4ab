import { basename, dirname } from 'node:path'
import type { DirectoryEntry, FileStatus, Files, OpenFile } from '../src/store/filesystem/files.ts'

/** How much of the unsynced data survives: nothing, everything, or each part by chance. */
export type Survival = 'nothing' | 'everything' | (() => number)

/** An operation that changes the disk, or makes it safe. */
export type Mutation = 'mkdir' | 'create' | 'write' | 'sync' | 'link' | 'unlink'

interface FileNode {
  data: Uint8Array
  synced: Uint8Array
}

interface FolderNode {
  names: Map<string, Node>
  synced: Map<string, Node>
}

type Node = FileNode | FolderNode

/**
 * A POSIX file system in memory that knows what a loss of power would take: names that were not made safe by fsync of their
 * folder, contents that were not by fsync of their file.
 */
export class SimulatedDisk implements Files {
  /** Called before every mutation; what it throws is what the call rejects with. */
  onMutation: (mutation: Mutation) => void = () => {}
  /** Called after every mutation took effect. */
  afterMutation: (mutation: Mutation) => void = () => {}
  /** Blocks of 4 KiB that all files may take. */
  capacity: number = Number.POSITIVE_INFINITY
  /** Files that were opened and not closed. */
  openFiles = 0
  readonly #root: FolderNode

  constructor(root: FolderNode = { names: new Map(), synced: new Map() }) {
    this.#root = root
  }

  async open(path: string, flags: number | 'r' | 'wx'): Promise<OpenFile> {
    const node = flags === 'wx' ? this.#mutate('create', () => this.#create(path)) : this.#find(path)
    this.openFiles++
    return new SimulatedFile(this, node)
  }

  async stat(path: string): Promise<FileStatus> {
    return statusOf(this.#find(path))
  }

  lstat(path: string): Promise<FileStatus> {
    return this.stat(path)
  }

  async mkdir(path: string): Promise<void> {
    this.#mutate('mkdir', () => this.#add(path, { names: new Map(), synced: new Map() }))
  }

  async link(existing: string, name: string): Promise<void> {
    this.#mutate('link', () => this.#add(name, this.#find(existing)))
  }

  async unlink(path: string): Promise<void> {
    this.#mutate('unlink', () => {
      this.#find(path)
      this.#folder(dirname(path)).names.delete(basename(path))
    })
  }

  async readdir(path: string): Promise<DirectoryEntry[]> {
    const entries = [...this.#folder(path).names]
    return entries.map(([name, node]) => ({ ...statusOf(node), name }))
  }

  /** Blocks that are taken: each file has one at least. */
  get used(): number {
    if (this.capacity === Number.POSITIVE_INFINITY) return 0
    const files = new Set(this.files('', this.#root, true).values())
    return [...files].reduce((sum, { data }) => sum + Math.max(1, Math.ceil(data.length / 4096)), 0)
  }

  /** Every file with its content, for tests that change them; what the store holds back only when asked for. */
  files(path = '', folder: FolderNode = this.#root, withReserve = false): Map<string, FileNode> {
    const found = new Map<string, FileNode>()
    for (const [name, node] of folder.names) {
      if (name === '.spare' && !withReserve) continue
      const full = `${path}/${name}`
      if ('names' in node) for (const [inner, file] of this.files(full, node, withReserve)) found.set(inner, file)
      else found.set(full, node)
    }
    return found
  }

  /** The disk as it is, safe or not: what both do afterwards does not reach the other. */
  copy(): SimulatedDisk {
    const seen = new Map<Node, Node>()
    const copyNode = (node: Node): Node => {
      const known = seen.get(node)
      if (known) return known
      if (!('names' in node)) {
        // Contents are replaced and never changed in place.
        const file = { ...node }
        seen.set(node, file)
        return file
      }
      const folder: FolderNode = { names: new Map(), synced: new Map() }
      seen.set(node, folder)
      for (const [name, child] of node.names) folder.names.set(name, copyNode(child))
      for (const [name, child] of node.synced) folder.synced.set(name, copyNode(child))
      return folder
    }
    return new SimulatedDisk(copyNode(this.#root) as FolderNode)
  }

  /** The disk after a loss of power. */
  afterPowerLoss(survival: Survival): SimulatedDisk {
    const chance = typeof survival === 'function' ? survival : () => (survival === 'everything' ? 0 : 0.99)
    const seen = new Map<Node, Node>()
    const survive = (node: Node): Node => {
      const known = seen.get(node)
      if (known) return known
      if (!('names' in node)) {
        const data = survivingContent(node, chance)
        const file: FileNode = { data, synced: data }
        seen.set(node, file)
        return file
      }
      const names = new Map<string, Node>()
      const folder: FolderNode = { names, synced: names }
      seen.set(node, folder)
      for (const name of new Set([...node.names.keys(), ...node.synced.keys()])) {
        const child = (chance() < 0.5 ? node.names : node.synced).get(name)
        if (child) names.set(name, survive(child))
      }
      folder.synced = new Map(names)
      return folder
    }
    return new SimulatedDisk(survive(this.#root) as FolderNode)
  }

  /** @internal for `SimulatedFile` */
  mutate<T>(mutation: Mutation, effect: () => T): T {
    return this.#mutate(mutation, effect)
  }

  #mutate<T>(mutation: Mutation, effect: () => T): T {
    this.onMutation(mutation)
    const result = effect()
    this.afterMutation(mutation)
    return result
  }

  #create(path: string): FileNode {
    const file: FileNode = { data: new Uint8Array(0), synced: new Uint8Array(0) }
    if (this.used >= this.capacity) throw fileError('ENOSPC')
    this.#add(path, file)
    return file
  }

  #add(path: string, node: Node): void {
    const folder = this.#folder(dirname(path))
    if (folder.names.has(basename(path))) throw fileError('EEXIST')
    folder.names.set(basename(path), node)
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path)
    if ('names' in node) return node
    throw fileError('ENOTDIR')
  }

  #find(path: string): Node {
    let node: Node = this.#root
    for (const name of path.split('/').filter(Boolean)) {
      const next: Node | undefined = 'names' in node ? node.names.get(name) : undefined
      if (!next) throw fileError('ENOENT')
      node = next
    }
    return node
  }
}

class SimulatedFile implements OpenFile {
  readonly #disk: SimulatedDisk
  readonly #node: Node

  constructor(disk: SimulatedDisk, node: Node) {
    this.#disk = disk
    this.#node = node
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    const part = this.#file().data.subarray(position, position + length)
    buffer.set(part, offset)
    return { bytesRead: part.length }
  }

  async write(bytes: Uint8Array, offset: number, length: number, at: number): Promise<{ bytesWritten: number }> {
    return this.#disk.mutate('write', () => {
      const file = this.#file()
      const data = new Uint8Array(Math.max(file.data.length, at + length))
      data.set(file.data)
      data.set(bytes.subarray(offset, offset + length), at)
      const before = file.data
      file.data = data
      if (this.#disk.used > this.#disk.capacity) {
        file.data = before
        throw fileError('ENOSPC')
      }
      return { bytesWritten: length }
    })
  }

  async sync(): Promise<void> {
    this.#disk.mutate('sync', () => {
      if ('names' in this.#node) this.#node.synced = new Map(this.#node.names)
      else this.#node.synced = this.#node.data
    })
  }

  async stat(): Promise<FileStatus> {
    return statusOf(this.#node)
  }

  async close(): Promise<void> {
    this.#disk.openFiles--
  }

  #file(): FileNode {
    if ('names' in this.#node) throw fileError('EISDIR')
    return this.#node
  }
}

function statusOf(node: Node): FileStatus {
  const isDirectory = 'names' in node
  const uid = process.geteuid?.() ?? 0
  const size = isDirectory ? 0 : node.data.length
  return { uid, gid: 0, mode: 0o700, size, isDirectory: () => isDirectory, isFile: () => !isDirectory }
}

export function fileError(code: string): Error {
  return Object.assign(new Error(`${code}: by the simulated disk`), { code })
}

/** Unsynced content may be there, missing, there in part, or of the right length and empty. */
function survivingContent({ data, synced }: FileNode, chance: () => number): Uint8Array {
  if (data === synced) return data
  const drawn = chance()
  if (drawn < 0.25) return data
  if (drawn < 0.5) return data.slice(0, Math.floor(chance() * data.length))
  return drawn < 0.75 ? new Uint8Array(data.length) : synced
}
