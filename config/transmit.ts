import { defineConfig } from '@adonisjs/transmit'

/** Live fan-out inside this process. `Streams` carries the word between processes, so no transport. */
export default defineConfig({ pingInterval: '15s', transport: null })
