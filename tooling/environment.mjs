/**
 * The environment of the programs that the tasks start. npm and npx describe the command that they run in variables
 * (`npx -c 'npm test'` sets `npm_config_call`), which the next npx would take for its own options, so these are removed. A user's
 * settings for all commands, such as a registry or a cache, stay. Telemetry and update checks are off.
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
