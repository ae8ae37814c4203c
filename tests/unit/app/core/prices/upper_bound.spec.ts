import { test } from '@japa/runner'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { actualPrice, upperPrice, type Order } from '#core/prices/price_model'
import { TOKEN_KINDS, type PriceRule, type Rate } from '#core/prices/price_rule'
import { plainTerms } from '#tests/plain_terms'

const SEED = 20_270_115
const ROUNDS = 4_000

/** A film of at most four parts, that says nothing of how its price is made. */
const film = {
  outputsParameter: 'n',
  secondsParameter: 'duration',
  geometry: { kind: 'aspect', param: 'ratio', pixels: 500_000, multipleOf: 8 },
} as ModelManifest

function chance(seed: number) {
  let state = seed
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** A rule of any form, three deep at most. */
function anyRule(random: (below: number) => number, depth = 0): PriceRule {
  const plain = () => ({ usd: `0.${String(random(1e6)).padStart(6, '0')}`, per: 1 + random(997) })
  const rate = (): Rate =>
    random(3) > 0
      ? plain()
      : {
          table: {
            keys: ['tier'],
            rows: [
              [['pro'], plain()],
              [['*'], plain()],
            ],
          },
        }
  const few = () => Array.from({ length: 1 + random(3) }, () => anyRule(random, depth + 1))
  const forms: (() => PriceRule)[] = [
    () => ({ flat: rate() }),
    () => ({ perSecond: rate(), ...(random(2) > 0 && { wholeSeconds: true as const }) }),
    () => ({
      perMegapixel: {
        out: rate(),
        ...(random(2) > 0 && { extraOut: rate() }),
        ...(random(2) > 0 && { in: rate() }),
        ...(random(2) > 0 && { wholeMegapixels: true as const }),
      },
    }),
    () => ({ perMegapixelFrame: { rate: rate(), fps: 1 + random(60) } }),
    () => ({ perUnit: { unit: 'minutes', rate: rate(), ...(random(2) > 0 && { whole: true }) } }),
    () => ({ perUnit: { unit: 'references', rate: rate() } }),
    () => {
      const kind = TOKEN_KINDS[random(TOKEN_KINDS.length)]
      return {
        perToken: { rates: { [kind]: rate() }, upper: { [kind]: { perOutput: 1 + random(5000) } } },
      }
    },
    () => ({ sum: few() }),
    () => ({ min: few() }),
    () => ({ max: few() }),
  ]
  return forms[random(depth < 2 ? forms.length : forms.length - 3)]()
}

test.group('What is held', () => {
  test(`is never less than what legal work costs (${ROUNDS} rules, seed ${SEED})`, ({ assert }) => {
    const random = chance(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      const rule = anyRule(random)
      const terms = plainTerms(rule, { markup: `1.${random(100)}`, usdPerCredit: '0.07' })
      const n = 1 + random(4)
      const order: Order = {
        input: {
          n,
          duration: 1 + random(20),
          ratio: `${1 + random(9)}:${1 + random(9)}`,
          tier: ['pro', 'basic'][random(2)],
        },
        references: random(2) > 0 ? { image: { width: 1 + random(3000), height: 7 } } : {},
      }
      const upper = upperPrice(film, order, terms)
      // Less than asked for, in every measure, or exactly that.
      const outputs = 1 + random(n)
      const part = (whole: number) => (random(3) === 0 ? whole : (whole * random(1001)) / 1000)
      const share = outputs / n
      const { tokens } = upper.quantities
      const usage = {
        outputs,
        pixelsOut: Math.floor(part(upper.quantities.pixelsOut * share)),
        seconds: part(upper.quantities.seconds * share),
        ...(tokens && {
          tokens: Object.fromEntries(
            Object.entries(tokens).map(([kind, most]) => [kind, Math.floor(part(most))])
          ),
        }),
      }

      const actual = actualPrice(
        film,
        { ...order, usage, upper: upper.cost, at: new Date() },
        terms
      )

      if (actual.cost.micro > upper.cost.micro || actual.credits.micro > upper.credits.micro) {
        assert.fail(
          `round ${round}: ${actual.cost} above ${upper.cost} for ${JSON.stringify({ rule, order, usage })}`
        )
      }
    }
  })
})
