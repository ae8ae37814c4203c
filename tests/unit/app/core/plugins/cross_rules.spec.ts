import { test } from '@japa/runner'
import { brokenRule } from '#core/plugins/cross_rules'
import type { CrossRule } from '#core/plugins/define_plugin'

const rules: CrossRule[] = [
  {
    when: { resolution: ['1080p', '4k'] },
    then: { duration: [6] },
    say: 'Films of 1080p and more last 6 seconds.',
  },
  {
    when: { image: { given: true } },
    then: { ratio: { given: false } },
    say: 'A start image says the ratio.',
  },
  {
    when: { turbo: [true] },
    then: { images: { given: true }, n: { max: 2 } },
    say: 'Turbo works from images.',
  },
]

test.group('What one parameter demands of another', () => {
  test('{title}')
    .with([
      {
        title: 'nothing is demanded where no rule fits',
        input: { resolution: '720p' },
        says: null,
      },
      {
        title: 'values are met by one of them',
        input: { resolution: '4k', duration: 6 },
        says: null,
      },
      {
        title: 'other values are told, with those that are allowed',
        input: { resolution: '4k', duration: 10 },
        says: 'duration: Films of 1080p and more last 6 seconds. "duration" must be 6 then.',
      },
      {
        title: 'what must be left out is told',
        input: { image: 'ast_1', ratio: '16:9' },
        says: 'ratio: A start image says the ratio. Leave "ratio" out then.',
      },
      {
        title: 'an empty list is none',
        input: { turbo: true, images: [], n: 1 },
        says: 'images: Turbo works from images. "images" is required then.',
      },
      {
        title: 'a number beyond its bound is told',
        input: { turbo: true, images: ['ast_1'], n: 3 },
        says: 'n: Turbo works from images. "n" must be at most 2 then.',
      },
    ])
    .run(({ assert }, { input, says }) => {
      const broken = brokenRule(rules, input)

      assert.equal(broken && `${broken.parameter}: ${broken.message}`, says)
    })
})
