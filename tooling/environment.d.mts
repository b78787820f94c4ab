export declare const childEnvironment: (
  environment: Readonly<Record<string, string | undefined>>,
) => Record<string, string | undefined>
