export declare function aloneIn(root: string, folders: readonly string[]): ReadonlyMap<string, string[]>
