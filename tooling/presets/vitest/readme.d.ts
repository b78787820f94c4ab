export declare const runReadmeExamples: (testFile: string, readme?: string) => Promise<number>
