import { directories } from '#start/directories'
import { defineConfig, services } from '@adonisjs/drive'
import type { InferDriveDisks } from '@adonisjs/drive/types'

/** Files live under `orgs/<org>/<sha256>`. We serve them ourselves: signed, with ranges. */
const driveConfig = defineConfig({
  default: 'disk',
  services: {
    disk: services.fs({ location: directories.files, visibility: 'private' }),
  },
})

export default driveConfig

declare module '@adonisjs/drive/types' {
  export interface DriveDisks extends InferDriveDisks<typeof driveConfig> {}
}
