import type { ProjectConfig, UserProjectConfigExport } from 'vitest/config'

export declare const project: (name: string, overrides?: ProjectConfig) => UserProjectConfigExport
