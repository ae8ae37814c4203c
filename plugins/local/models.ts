import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'

const MEGABYTE = 1_000_000

const PICTURES = ['image/png', 'image/jpeg', 'image/webp']

const picture = (maxMegapixels: number): ReferenceRule => ({
  mime: PICTURES,
  maxMegapixels,
  maxBytes: 25 * MEGABYTE,
})

const image = {
  type: 'string',
  minLength: 1,
  maxLength: 2048,
  title: 'Picture',
  description: 'The picture to work on: the id of an asset, or an https URL. PNG, JPEG or WebP.',
}

const format = (formats: string[], description: string) => ({
  type: 'string',
  enum: formats,
  default: formats[0],
  title: 'File format',
  description,
})

function esrgan(factor: 2 | 3 | 4): ModelManifest {
  return {
    id: `esrgan-${factor}x`,
    title: `ESRGAN ${factor}×`,
    description: `Enlarges a picture ${factor} times on each side and invents plausible detail, on this machine.`,
    kind: 'upscale',
    lifecycle: { state: 'active' },
    capabilities: { cancel: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        image,
        format: format(
          ['png', 'jpeg', 'webp'],
          'PNG loses nothing; JPEG has no transparency and gets a white ground.'
        ),
      },
      required: ['image'],
      additionalProperties: false,
    },
    references: { image: picture(4) },
    geometry: { kind: 'scale', of: 'image', factor },
    execution: { shape: 'sync', resubmit: 'safe', deadlineMs: 900_000, maxAttempts: 2 },
    price: {
      version: '2026-07-01',
      source: 'this machine: an operator’s own rate for its processor time',
      rule: { perMegapixel: { out: '0.002' } },
    },
    output: { mime: PICTURES },
    example: { format: 'png' },
  }
}

const side = (title: string, other: string) => ({
  type: 'integer',
  minimum: 1,
  maximum: 8192,
  title,
  description: `Pixels. Left out, it follows from the ${other} and the picture’s own ratio; with neither, the size stays.`,
})

const resize: ModelManifest = {
  id: 'resize',
  title: 'Resize and convert',
  description: 'Brings a picture to another size, crop or file format, on this machine.',
  kind: 'edit',
  lifecycle: { state: 'active' },
  capabilities: { cancel: false, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      image,
      width: side('Width', 'height'),
      height: side('Height', 'width'),
      fit: {
        type: 'string',
        enum: ['cover', 'contain', 'fill', 'inside', 'outside'],
        default: 'cover',
        title: 'Fit',
        description:
          'Where both sides are given: crop to fill them, add borders, stretch, stay within them, or reach them at least.',
      },
      position: {
        type: 'string',
        enum: ['centre', 'top', 'right', 'bottom', 'left', 'attention', 'entropy'],
        default: 'centre',
        title: 'Position',
        description:
          'What a crop keeps. "attention" looks for faces and strong colours, "entropy" for detail; with borders both mean the centre.',
      },
      background: {
        type: 'string',
        pattern: '^#[0-9a-fA-F]{6}$',
        default: '#ffffff',
        title: 'Background',
        description: 'The colour of borders, and of transparent parts in a JPEG.',
      },
      format: format(
        ['jpeg', 'png', 'webp', 'avif'],
        'JPEG has no transparency; AVIF is the smallest and slowest.'
      ),
      quality: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 85,
        title: 'Quality',
        description: 'Of JPEG, WebP and AVIF. PNG loses nothing and ignores it.',
      },
    },
    required: ['image'],
    additionalProperties: false,
  },
  references: { image: picture(40) },
  geometry: { kind: 'box', width: 'width', height: 'height', of: 'image' },
  execution: { shape: 'sync', resubmit: 'safe', deadlineMs: 300_000, maxAttempts: 2 },
  price: {
    version: '2026-07-01',
    source: 'this machine: an operator’s own rate for its processor time',
    // Flat: with `inside` and `outside` the size of the result is not the box that was asked for.
    rule: { flat: '0.0002' },
  },
  output: { mime: ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] },
  example: { width: 800, height: 600, fit: 'cover', format: 'jpeg' },
}

export const models: ModelManifest[] = [esrgan(2), esrgan(3), esrgan(4), resize]
