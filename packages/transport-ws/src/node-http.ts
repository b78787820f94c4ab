/**
 * Node's HTTP module. It is not imported, because an `import` makes Node 24 and 26 load `fetch` too, for three unused names:
 * that costs 18 ms at the start of a process, and 3 MB.
 */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')
