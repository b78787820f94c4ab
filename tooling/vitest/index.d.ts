import type { UserProjectConfigExport, ProjectConfig } from 'vitest/config'

export declare const project: (name: string, overrides?: ProjectConfig) => UserProjectConfigExport
