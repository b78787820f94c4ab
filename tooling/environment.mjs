/**
 * The environment of the programs that the tasks start. What npm or npx say in theirs of the command that they run
 * (`npx -c 'npm test'` sets `npm_config_call`) is an option to the next npx, which then does something else; what a user has
 * set for all commands, such as a registry or a cache, stays. Nothing reports to anybody, or looks for newer versions.
 */
export const childEnvironment = environment => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_ONE_COMMAND.test(name))),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
})

const OF_ONE_COMMAND =
  /^npm_(command|lifecycle_.*|package_.*|config_(call|c|package|workspaces?|include_workspace_root|global|location|script_shell|if_present))$/i
