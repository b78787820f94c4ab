import { nameProblem, type TransferEntry } from '@stt/transfer'

/** A file that somebody chose or dropped. Nothing of it is in memory but what is being sent. */
export interface ChosenEntry extends TransferEntry {
  readonly file: File | undefined
}

/** The chosen files, and those whose names other systems cannot have. */
export interface Chosen {
  readonly entries: readonly ChosenEntry[]
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
}

/** A file, or a folder. */
export interface Found {
  readonly path: string
  readonly file: File | undefined
}

/** Folders before what is in them; what has no name for every system is left out, with the reason. */
export function withFolders(found: readonly Found[]): Chosen {
  const folders = new Set<string>()
  const entries: ChosenEntry[] = []
  const leftOut: { path: string; reason: string }[] = []
  const addFolder = (path: string, modified: number): void => {
    if (folders.has(path)) return
    folders.add(path)
    entries.push({ kind: 'folder', path, file: undefined, size: 0, mode: 0o755, modified })
  }
  for (const { path, file } of found) {
    const names = path.split('/')
    const reason = names.map(name => nameProblem(name, false)).find(each => each !== undefined)
    if (reason !== undefined) {
      leftOut.push({ path, reason })
      continue
    }
    const modified = Math.max(0, file?.lastModified ?? Date.now())
    for (let depth = 1; depth < names.length; depth++) addFolder(names.slice(0, depth).join('/'), modified)
    if (file) entries.push({ kind: 'file', path, file, size: file.size, mode: 0o644, modified })
    else addFolder(path, modified)
  }
  return { entries, leftOut }
}
