import { ADVANCE, HEIGHT, isDotted, LEADING, lettering, wrap } from './lettering.js'
import { randomFrom } from './random.js'

export interface Scene {
  width: number
  height: number
  prompt: string
  seed: number
  /** 0–1: where in a film. The sun climbs and the hills drift. */
  moment?: number
}

const LAYERS = 6

/** A landscape as SVG, the same one for the same scene, marked as what it is: a drawing by the sandbox. */
export function landscape({ width, height, prompt, seed, moment = 0 }: Scene): string {
  const random = randomFrom(`${seed} ${prompt}`)
  const hue = Math.floor(195 + random() * 115)
  const sun = {
    x: width * (0.2 + 0.6 * random()),
    y: height * (0.5 - 0.12 * random() - 0.14 * moment),
    radius: Math.min(width, height) * (0.06 + 0.05 * random()),
  }
  const size = { width, height }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    definitions(hue),
    `<rect width="${width}" height="${height}" fill="url(#sky)"/>`,
    stars(size, random),
    `<circle cx="${sun.x}" cy="${sun.y}" r="${sun.radius * 5}" fill="url(#glow)"/>`,
    `<circle cx="${sun.x}" cy="${sun.y}" r="${sun.radius}" fill="hsl(${hue + 70},100%,93%)"/>`,
    ...Array.from({ length: LAYERS }, (_, layer) => hill({ ...size, layer, hue, moment }, random)),
    caption(prompt, size),
    '</svg>',
  ].join('')
}

function definitions(hue: number): string {
  const stop = (offset: number, color: string) => `<stop offset="${offset}" stop-color="${color}"/>`
  const light = `hsl(${hue + 60},100%,85%)`
  return (
    '<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">' +
    stop(0, `hsl(${hue},65%,18%)`) +
    stop(0.35, `hsl(${hue + 28},60%,42%)`) +
    stop(0.62, `hsl(${hue + 58},82%,70%)`) +
    stop(1, `hsl(${hue + 70},90%,84%)`) +
    '</linearGradient><radialGradient id="glow">' +
    `<stop offset="0" stop-color="${light}" stop-opacity="0.75"/>` +
    `<stop offset="1" stop-color="${light}" stop-opacity="0"/></radialGradient></defs>`
  )
}

function stars({ width, height }: Size, random: () => number): string {
  const star = () => {
    const [x, y] = [width * random(), height * 0.34 * random()]
    const radius = (Math.min(width, height) / 900) * (0.6 + random())
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(2)}"/>`
  }
  return `<g fill="#fff" fill-opacity="0.7">${Array.from({ length: 60 }, star).join('')}</g>`
}

/** The nearer a layer, the lower, darker and faster it is. */
function hill(
  { width, height, layer, hue, moment }: Size & { layer: number; hue: number; moment: number },
  random: () => number
): string {
  const depth = layer / (LAYERS - 1)
  const ground = height * (0.52 + 0.4 * depth)
  const swell = height * (0.05 + 0.05 * random())
  const phases = [random(), random(), random()].map((part) => part * 2 * Math.PI)
  const drift = moment * (0.2 + depth) * 1.6
  const steps = 120
  let path = `M0 ${height}`
  for (let step = 0; step <= steps; step++) {
    const x = (step / steps) * 3 * (width / Math.max(width, height)) + drift
    const rise =
      Math.sin(x * 1.7 + phases[0]) +
      0.5 * Math.sin(x * 3.9 + phases[1]) +
      0.22 * Math.sin(x * 9 + phases[2])
    path += `L${((step / steps) * width).toFixed(1)} ${(ground - rise * swell).toFixed(1)}`
  }
  const color = `hsl(${hue + 50 - 55 * depth},${38 + 14 * depth}%,${(62 - 50 * depth).toFixed(0)}%)`
  return `<path d="${path}L${width} ${height}z" fill="${color}"/>`
}

/** The prompt below, the mark above. */
function caption(prompt: string, { width, height }: Size): string {
  const dot = Math.max(1, Math.round(Math.min(width, height) / 340))
  const margin = dot * 10
  const letter = ADVANCE * dot * (isDotted(prompt) ? 1 : 2)
  const columns = Math.floor((width - margin * 2) / letter)
  const lines = wrap(prompt, { columns, lines: 3 })
  const top = height - margin - ((lines.length - 1) * LEADING + HEIGHT) * dot
  const text = lines.map((line, index) =>
    lettering(line, { x: margin, y: top + index * LEADING * dot, dot }, '#fff')
  )
  const shade = top - dot * 6
  const mark = { width: (7 * ADVANCE + 7) * dot, height: (HEIGHT + 6) * dot }
  const left = width - margin - mark.width
  return (
    `<rect y="${shade}" width="${width}" height="${height - shade}" fill="#000" fill-opacity="0.35"/>` +
    text.join('') +
    `<rect x="${left}" y="${margin}" width="${mark.width}" height="${mark.height}" rx="${dot * 3}" fill="#000" fill-opacity="0.4"/>` +
    lettering('sandbox', { x: left + dot * 4, y: margin + dot * 3, dot }, '#fff')
  )
}

interface Size {
  width: number
  height: number
}
