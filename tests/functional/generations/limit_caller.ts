import { connect } from '../../../prove/harness/keepers.js'
import { startRequest } from '../../contracts/metered_jobs/requests.js'

/** As a process: makes so many starts at once when it is told to, and says how many were taken. */
process.on('message', async ({ url, account, starts }: Record<string, any>) => {
  const keepers = connect(url, 4)
  const results = await Promise.all(
    Array.from({ length: starts }, () => keepers.metered.start(startRequest(account)))
  )
  await keepers.close()
  process.send!(results.filter(({ outcome }) => outcome === 'started').length)
  process.disconnect()
})
process.send!('ready')
