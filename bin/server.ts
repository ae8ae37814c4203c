import './node_guard.js'

await import('reflect-metadata')
const { giveUp, house } = await import('./house.js')

const ignitor = house()
await ignitor
  .httpServer()
  .start()
  .then(async () => {
    const { welcome } = await import('#app/onboarding/actions/welcome')
    await welcome()
  })
  .catch(giveUp)
