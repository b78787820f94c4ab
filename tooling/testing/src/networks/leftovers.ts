import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { run } from './command.ts'

/** Namespaces are named after the process that made them, so that several runs stand beside each other. */
export const namespaceName = (network: number, host: string): string => `stt-${process.pid}-${network}-${host}`

/** Files in this folder stand in the place of those of `/etc` for the programs that run in a namespace. */
export const configurationOf = (name: string): string => `/etc/netns/${name}`

/** Removes a namespace, its cards with their cables, its rules, and whatever still runs in it, stopped or not. */
export function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
  for (const pid of stdout.split('\n').filter(Boolean)) kill(Number(pid))
  spawnSync('ip', ['netns', 'delete', name])
  rmSync(configurationOf(name), { recursive: true, force: true })
}

/** Removes what runs that were killed could not remove. */
export function removeLeftovers(): void {
  for (const line of run('ip', ['netns', 'list']).split('\n')) {
    const [, name, pid] = /^(stt-(\d+)-\S+)/.exec(line) ?? []
    if (name !== undefined && !isRunning(Number(pid))) removeNamespace(name)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
