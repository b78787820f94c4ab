import type { Options } from 'tsup'

export declare const library: (entry?: Record<string, string>) => Options
export declare const byPlatform: (entries: Record<string, string>) => Options[]
