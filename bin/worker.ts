import './node_guard.js'

process.env.WORKER = 'inline'
await import('reflect-metadata')
const { giveUp, house } = await import('./house.js')

/** Works on jobs without serving requests. Start as many as there is work for. */
const app = house().createApp('web')
await app
  .init()
  .then(() => app.boot())
  .then(() => app.start(() => {}))
  .catch(giveUp)
