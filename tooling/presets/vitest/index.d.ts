import type { ProjectConfig, UserProjectConfigExport } from 'vitest/config'

interface SourceConditions {
  readonly resolve: { conditions: string[] }
}

export declare const fromSources: SourceConditions & { readonly ssr: SourceConditions }
export declare const patience: {
  readonly testTimeout: number
  readonly hookTimeout: number
  readonly expect: { readonly poll: { readonly timeout: number } }
}
export declare const project: (name: string, overrides?: ProjectConfig) => UserProjectConfigExport
