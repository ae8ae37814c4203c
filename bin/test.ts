import './node_guard.js'

const asked = process.argv.slice(2)
if (asked.length === 0) {
  const { availableParallelism } = await import('node:os')
  const { default: house } = await import('../adonisrc.js')
  const { runSideBySide } = await import('../tests/side_by_side.js')
  const names = house.tests!.suites.map(({ name }) => name)
  const isWell = await runSideBySide(names, Math.min(availableParallelism(), 4))
  process.exitCode = isWell ? 0 : 1
} else {
  await runHere(asked)
}

async function runHere(args: string[]) {
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
      processCLIArgs(args)
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
}
