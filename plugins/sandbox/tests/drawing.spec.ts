import { test } from '@japa/runner'
import { landscape } from '../drawing/landscape.js'
import { drawPicture } from '../drawing/picture.js'
import { lettering, wrap } from '../drawing/lettering.js'
import { models } from '../models.js'

const PLACE = { x: 0, y: 0, dot: 1 }

test.group('Drawing', () => {
  test('draws any prompt: markup, control characters, half a surrogate', async ({ assert }) => {
    for (const prompt of [
      '</svg><script>&amp;"',
      'a\u0000b\u0007c\uFFFE',
      '\uD800',
      '   ',
      '山の夕暮れ 🎨',
    ]) {
      const bytes = await drawPicture({ width: 64, height: 64, prompt, seed: 1 }, 'png')
      assert.isAbove(bytes.length, 0)
    }
  })

  test('a prompt never becomes markup', ({ assert }) => {
    const svg = landscape({ width: 640, height: 640, prompt: '<image href="x"/> 山', seed: 1 })

    assert.notInclude(svg, '<image')
  })

  test('draws Latin letters as dots and others as text', ({ assert }) => {
    assert.notInclude(lettering('Zoë’s café', PLACE, '#fff'), '<text')
    assert.include(lettering('山', PLACE, '#fff'), '<text')
  })

  test('a letter is the bars of its columns', ({ assert }) => {
    assert.equal(
      lettering('I', PLACE, '#fff'),
      '<path fill="#fff" d="M1 0h1v1h-1zM1 6h1v1h-1zM2 0h1v7h-1zM3 0h1v1h-1zM3 6h1v1h-1z"/>'
    )
  })

  test('wraps at words, cuts long ones, and ends in dots', ({ assert }) => {
    assert.deepEqual(wrap('one two three', { columns: 7, lines: 3 }), ['one two', 'three'])
    assert.deepEqual(wrap('abcdefghij', { columns: 4, lines: 3 }), ['abcd', 'efgh', 'ij'])
    assert.deepEqual(wrap('one two three four', { columns: 7, lines: 2 }), ['one two', 'thre...'])
  })
})

test.group('Aspect ratio', () => {
  const pattern = new RegExp(models[0].parameters.properties.aspect_ratio.pattern as string)

  test('allows what pictures are made in', ({ assert }) => {
    for (const ratio of [
      '1:1',
      '4:3',
      '3:2',
      '5:7',
      '16:9',
      '9:16',
      '21:9',
      '2:5',
      '1:4',
      '4:1',
      '32:9',
    ]) {
      assert.match(ratio, pattern)
    }
  })

  test('allows nothing beyond 4:1, and nothing that is no ratio', ({ assert }) => {
    for (let wide = 1; wide < 100; wide++) {
      for (let high = 1; high < 100; high++) {
        if (Math.max(wide / high, high / wide) > 4) assert.notMatch(`${wide}:${high}`, pattern)
      }
    }
    for (const text of ['0:1', '1', '16x9', '1:1:1', '01:1', '1.5:1'])
      assert.notMatch(text, pattern)
  })
})
