/** Says that tests of this file cause warnings with these codes: they are not printed. */
export declare function expectWarnings(...codes: string[]): void
