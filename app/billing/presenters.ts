import type { Credits } from '#core/ledger/credits'
import type { Forecast } from './forecast.js'

/** A forecast as the API tells it. Paces are estimates, to two decimals. */
export function presentForecast({ status, days, pace, exhaustedAt }: Forecast, add?: Credits) {
  return {
    object: 'forecast',
    status,
    based_on_days: days,
    with_added: add ?? null,
    credits_per_day: pace && {
      slow: pace.slow.toFixed(2),
      usual: pace.usual.toFixed(2),
      fast: pace.fast.toFixed(2),
    },
    exhausted_at: exhaustedAt,
  }
}
