/**
 * What keeps somebody from reading or using the page that is open: fields without a label,
 * buttons and links without a name, pictures without words, ids that are there twice, more
 * or less than one main heading, and text that is too faint (WCAG 2, AA). Runs in the page,
 * so it can refer to nothing outside.
 */
export function blemishes(): string[] {
  const found: string[] = []
  const all = [...document.querySelectorAll<HTMLElement>('body *')]
  const visible = all.filter((element) => element.checkVisibility({ visibilityProperty: true }))
  const told = (element: Element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 120)

  for (const field of visible.filter((one) => one.matches('input, select, textarea'))) {
    const { labels, type } = field as HTMLInputElement
    const labelled = (labels && labels.length > 0) || field.getAttribute('aria-label')
    if (type !== 'hidden' && !labelled) found.push(`no label: ${told(field)}`)
  }
  for (const control of visible.filter((one) => one.matches('a, button, summary'))) {
    const name = control.getAttribute('aria-label') ?? control.textContent ?? ''
    const shown = control.querySelector('img[alt]:not([alt=""])')
    if (!name.trim() && !shown) found.push(`no name: ${told(control)}`)
  }
  for (const picture of document.querySelectorAll('img:not([alt]), canvas:not([aria-label])')) {
    found.push(`no words: ${told(picture)}`)
  }
  const ids = all.map(({ id }) => id).filter(Boolean)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  if (twice.length > 0) found.push(`ids there twice: ${[...new Set(twice)].join(', ')}`)
  const headings = document.querySelectorAll('h1').length
  if (headings !== 1) found.push(`${headings} main headings`)

  for (const element of visible) {
    const words = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim()
    )
    if (!words || element.closest('[disabled], [aria-disabled=true]')) continue
    const style = getComputedStyle(element)
    const size = Number.parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const ratio = contrast(rgb(style.color), groundOf(element))
    if (ratio < (large ? 3 : 4.5)) found.push(`too faint (${ratio.toFixed(2)}): ${told(element)}`)
  }
  return found

  function groundOf(element: Element): number[] {
    for (let at: Element | null = element; at; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = rgb(getComputedStyle(at).backgroundColor)
      if (alpha === 1) return [red, green, blue]
    }
    return [255, 255, 255]
  }

  /** Whatever notation a colour has, a canvas knows its red, green and blue. */
  function rgb(colour: string): number[] {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const context = canvas.getContext('2d')!
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data
    return [red, green, blue, alpha / 255]
  }

  function contrast(a: number[], b: number[]): number {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (light + 0.05) / (dark + 0.05)
  }

  function luminance([red, green, blue]: number[]): number {
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}
