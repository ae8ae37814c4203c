import './node_guard.js'

process.env.NODE_ENV = 'test'
process.env.LOG_LEVEL ??= 'fatal'
await import('reflect-metadata')
const { configure, processCLIArgs, run } = await import('@japa/runner')
const { giveUp, house } = await import('./house.js')
const { freePort, useThrowaway } = await import('../tests/throwaway.js')

const discard = await useThrowaway()
process.env.PORT = String(await freePort())
await house()
  .testRunner()
  .configure(async (app) => {
    const { runnerHooks, ...config } = await import('../tests/bootstrap.js')
    processCLIArgs(process.argv.slice(2))
    configure({
      ...app.rcFile.tests,
      ...config,
      setup: runnerHooks.setup,
      teardown: runnerHooks.teardown.concat([() => app.terminate(), discard]),
    })
  })
  .run(() => run())
  .catch(async (error) => {
    await discard()
    await giveUp(error)
  })
