import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { modelProviderSuite } from '#tests/contracts/model_provider'
import plugin from '../plugin.js'
import { LocalProvider } from '../provider.js'

const photo = await readFile(new URL('../samples/photo.jpg', import.meta.url))
const small = await sharp(photo).resize(48, 40).png().toBuffer()
const large = await sharp(photo).resize(600, 600).png().toBuffer()

const enlarging = {
  order: { references: { image: small } },
  lengthy: { references: { image: large } },
}

modelProviderSuite(plugin, () => new LocalProvider(), {
  'esrgan-2x': enlarging,
  'esrgan-3x': enlarging,
  'esrgan-4x': enlarging,
  'resize': {
    order: { input: { width: 70, format: 'webp' }, references: { image: small } },
    lengthy: {
      input: { width: 2000, height: 2000, format: 'avif' },
      references: { image: large },
    },
  },
})
