import app from '@adonisjs/core/services/app'
import testUtils from '@adonisjs/core/services/test_utils'
import { apiClient } from '@japa/api-client'
import { assert } from '@japa/assert'
import { pluginAdonisJS } from '@japa/plugin-adonisjs'
import { spec } from '@japa/runner/reporters'
import type { Emitter, Runner } from '@japa/runner/core'
import type { Config } from '@japa/runner/types'

export const plugins: Config['plugins'] = [assert(), apiClient(), pluginAdonisJS(app)]

export const runnerHooks: Required<Pick<Config, 'setup' | 'teardown'>> = {
  setup: [],
  teardown: [],
}

/** The totals as one plain line, for whoever reads the output by machine. */
const totals = {
  name: 'totals',
  handler: (runner: Runner, emitter: Emitter) => {
    emitter.on('runner:end', () => {
      const { passed, failed, skipped } = runner.getSummary().aggregates
      console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
    })
  },
}

export const reporters: Config['reporters'] = {
  activated: ['spec', 'totals'],
  list: [spec(), totals],
}

export const configureSuite: Config['configureSuite'] = (suite) => {
  if (['functional', 'browser'].includes(suite.name)) {
    suite.setup(() => testUtils.httpServer().start())
  }
}
