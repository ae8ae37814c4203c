import { posix } from 'node:path'
import ts from 'typescript'
import type { SourceFile } from './source_files.js'
import {
  EMPTY_NAMES,
  EXCEPTIONS,
  IMPORT_RULES,
  OTHER_ROOMS,
  SQL_RULES,
  TABLE_RULES,
  TEXT_RULES,
  type Exception,
  type ImportRule,
} from './rules.js'

const FOLDERS: Record<string, string> = { core: 'app/core', adapters: 'app/adapters' }
/** Delivery and what every room stands on: not rooms that could miss another. */
const NO_ROOMS = ['core', 'adapters', 'admin', 'exceptions', 'middleware']
/** What identity says about a request is for every room. */
const SHARED =
  /^app\/(core|exceptions|middleware)\/|^app\/identity\/(caller|errors|key_ring|open_streams|middleware\/)/

interface Import {
  from: string
  to: string
}

/** Every broken rule of the house, each as a sentence with its reason. */
export function violations(files: SourceFile[], exceptions: Exception[] = EXCEPTIONS): string[] {
  const code = files.filter(({ path }) => path.endsWith('.ts'))
  const imports = code.flatMap(importsOf)
  return [
    ...imports.flatMap((one) => brokenImports(one, exceptions)),
    ...files.flatMap((file) => brokenTexts(file, exceptions)),
    ...cycles(imports),
    ...files.flatMap(({ path }) => emptyNames(path)),
  ]
}

/** The exceptions that excuse nothing any more. */
export function staleExceptions(files: SourceFile[], exceptions = EXCEPTIONS): Exception[] {
  const before = new Set(violations(files, exceptions))
  return exceptions.filter((one) => {
    const without = exceptions.filter((other) => other !== one)
    return violations(files, without).every((sentence) => before.has(sentence))
  })
}

function importsOf({ path, text }: SourceFile): Import[] {
  const from = bare(path)
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => ({ from, to: targetOf(fileName, path) }))
}

/** `#core/ids` and `../ids.js` are both `app/core/ids`. */
function targetOf(specifier: string, path: string): string {
  if (specifier.startsWith('.')) return bare(posix.join(posix.dirname(path), specifier))
  if (specifier.startsWith('node:')) return specifier
  const [, alias, rest] = /^#(\w+)\/(.*)$/.exec(specifier) ?? []
  return alias ? `${FOLDERS[alias] ?? alias}/${bare(rest)}` : `npm:${specifier}`
}

function bare(path: string): string {
  return path.replace(/(\.d)?\.(ts|js|sql)$/, '')
}

function brokenImports({ from, to }: Import, exceptions: Exception[]): string[] {
  return IMPORT_RULES.filter((rule) => breaks(rule, from, to))
    .filter(() => !exceptions.some((one) => one.in === from && one.of === to))
    .map(({ why }) => `${from} imports ${to}. ${why}`)
}

function breaks(rule: ImportRule, from: string, to: string): boolean {
  const place = rule.in.exec(from)
  if (!place) return false
  const matches = (pattern: string | RegExp) => {
    if (pattern === 'own folder') return to.startsWith(`plugins/${place[1]}/`)
    if (pattern === OTHER_ROOMS) {
      return to.startsWith('app/') && !to.startsWith(`app/${place[1]}/`) && !SHARED.test(to)
    }
    return typeof pattern === 'string' ? to.startsWith(pattern) : pattern.test(to)
  }
  if (rule.only) return !rule.only.some(matches)
  return rule.never!.some(matches)
}

function brokenTexts({ path, text }: SourceFile, exceptions: Exception[]): string[] {
  const from = bare(path)
  const plain = withoutComments(path, text)
  const excused = (what: string) => exceptions.some((one) => one.in === from && one.of === what)
  const rules = path.endsWith('.sql') ? SQL_RULES : TEXT_RULES
  const texts = rules
    .filter((rule) => rule.in.test(from) && rule.never.test(plain) && !excused(rule.what))
    .map(({ what, why, never }) => `${from} ${what} ("${never.exec(plain)![0].trim()}"). ${why}`)
  if (from.startsWith('tests/') || from.startsWith('plugins/')) return texts
  const tables = TABLE_RULES.filter(({ writers }) => !writers.test(from)).flatMap(
    ({ tables: all, why }) =>
      all
        .filter((table) => writes(plain, table) && !excused(table))
        .map((table) => `${from} writes rows of "${table}". ${why}`)
  )
  return [...texts, ...tables]
}

/** In SQL, or through a query builder. */
function writes(text: string, table: string): boolean {
  const sql = new RegExp(
    `\\b(insert into|update|delete from|truncate)\\s+(table\\s+)?${table}\\b`,
    'i'
  )
  const builder = new RegExp(
    `(from|table|into)(<\\w+>)?\\(['"\`]${table}['"\`]\\)[^;]{0,400}?\\.(insert|multiInsert|update|delete|del|increment|decrement|truncate)\\(`
  )
  return sql.test(text) || builder.test(text)
}

function withoutComments(path: string, text: string): string {
  if (path.endsWith('.sql')) return text.replace(/--.*$/gm, '')
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** Rooms that need each other in a circle. */
function cycles(imports: Import[]): string[] {
  const needs = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    const [room, other] = [roomOf(from), roomOf(to)]
    if (!room || !other || room === other) continue
    needs.set(room, (needs.get(room) ?? new Set()).add(other))
  }
  const found = new Set<string>()
  const walk = (room: string, path: string[]) => {
    if (path.includes(room)) {
      const circle = path.slice(path.indexOf(room))
      if (room === circle.toSorted()[0]) found.add([...circle, room].join(' → '))
      return
    }
    for (const next of needs.get(room) ?? []) walk(next, [...path, room])
  }
  for (const room of needs.keys()) walk(room, [])
  return [...found].map(
    (circle) => `Rooms need each other: ${circle}. A cycle means that a room is missing.`
  )
}

/** The routes of a room name middleware by `start/kernel`, so they join no rooms. */
function roomOf(path: string): string | null {
  const room = /^app\/(\w+)\//.exec(path)?.[1]
  return room && !NO_ROOMS.includes(room) ? room : null
}

function emptyNames(path: string): string[] {
  return bare(path)
    .split('/')
    .filter((name) => EMPTY_NAMES.test(name))
    .map(
      (name) => `${path} is named "${name}". A name says what is in it; that one fits everything.`
    )
}
