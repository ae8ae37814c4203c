/** A plugin's manifest is wrong. Stops the boot: a platform with a wrong price must not start. */
export class PluginFault extends Error {
  readonly code = 'E_PLUGIN_INVALID'

  constructor(plugin: string, field: string, mend: string) {
    super(`Plugin "${plugin}", field "${field}": ${mend}`)
    this.name = 'PluginFault'
  }
}
