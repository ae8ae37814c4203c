import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Group } from '@japa/runner/core'
import chromium from '@sparticuz/chromium'
import {
  chromium as playwright,
  type Browser,
  type BrowserContextOptions,
  type Page,
} from 'playwright'
import { newOperator } from '#tests/factories'
import { here } from '../functional/admin/visitor.js'

/**
 * The package's own arguments are for a sandbox in the cloud: one process, which dies with its
 * first page, and no web security, which hides what the page's policy would stop.
 */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser for a group of tests. Each page has a context of its own, and complaints fail its test. */
export function useBrowser(group: Group) {
  let browser: Browser
  const pages: Page[] = []
  const complaints: string[] = []

  group.setup(async () => {
    const executablePath = await unpackedBrowser()
    browser = await playwright.launch({ executablePath, args: ARGUMENTS })
    return () => browser.close()
  })
  group.each.setup(() => {
    complaints.length = 0
    return async () => {
      await Promise.all(pages.splice(0).map((page) => page.context().close()))
      if (complaints.length > 0) throw new Error(`The browser complains:\n${complaints.join('\n')}`)
    }
  })

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: here(), ...options })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(here()) && /^https?:/.test(url)) complaints.push(`It asks for ${url}`)
    })
    pages.push(page)
    return page
  }

  return {
    newPage,
    /** A page of an operator who has just signed in, by hand. */
    async newOperatorPage(options: BrowserContextOptions = {}) {
      const operator = await newOperator()
      const page = await newPage(options)
      await page.goto('/admin')
      await page.getByLabel('E-mail').fill(operator.email)
      await page.getByLabel('Password').fill(operator.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL('**/admin')
      return { ...operator, page }
    },
  }
}

/**
 * The browser, unpacked once for each user of the machine: the package would unpack it where all
 * users share a place, and nobody can start, nor should trust, what another has left there.
 */
async function unpackedBrowser(): Promise<string> {
  const shared = process.env.TMPDIR
  const own = join(tmpdir(), `daygen-browser-${process.getuid?.() ?? 'own'}`)
  await mkdir(own, { recursive: true, mode: 0o700 })
  process.env.TMPDIR = own
  try {
    return await chromium.executablePath()
  } finally {
    if (shared === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = shared
  }
}
