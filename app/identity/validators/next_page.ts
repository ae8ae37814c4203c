/** Any host but ours: an address that leads elsewhere has another origin. */
const HERE = 'http://here.invalid'
const HOME = '/admin'

/** The page to go to after signing in: one of ours, or the front page for anything else. */
export function nextPage(wanted: unknown): string {
  // Browsers take a backslash for a slash and leave out tabs and line breaks.
  if (typeof wanted !== 'string' || !/^\/(?![/\\])[^\\\s]*$/.test(wanted)) return HOME
  const url = URL.parse(wanted, HERE)
  // Looked at once more when its dots are resolved: "/.//host" is "//host" by then.
  const isOurs = url?.origin === HERE && !url.pathname.startsWith('//')
  return isOurs ? url.pathname + url.search : HOME
}
