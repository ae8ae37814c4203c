await import('reflect-metadata')
const { giveUp, house } = await import('./house.js')

await house().ace().handle(process.argv.splice(2)).catch(giveUp)
