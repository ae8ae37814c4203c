import type { Receipt } from '#app/generations/queries/receipt_query'
import type { SeededInstallation } from '#app/onboarding/actions/seed_installation'

/** The lines of a receipt that a terminal shows. */
export function receiptText({ generation, hold, charged, returned, attempts }: Receipt): string {
  const output = generation.outputs[0]
  const size = output ? `, ${output.width} × ${output.height} ${output.contentType}` : ''
  const seconds = attempts.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000
  return `
  ${generation.id}  ${generation.model}  ${generation.status}
    delivered  ${generation.delivered ?? 0} of ${generation.requested}${size}
    held       ${hold.amount} credits
    charged    ${charged} credits
    returned   ${returned} credits
    took       ${seconds.toFixed(1)} s in ${attempts.length} attempt${attempts.length === 1 ? '' : 's'}
`
}

export function firstStart(
  url: string,
  { email, password, apiKey, testKey }: SeededInstallation
): string {
  return `DayGen is ready at ${url}

  Console    ${url}/admin
  Sign in    ${email}
  Password   ${password}
  API key    ${apiKey}
  Test key   ${testKey}

  Password and keys are shown this once. In the console you can make new keys.
  Generate a picture:

curl -s ${url}/v1/generations \\
  -H 'Authorization: Bearer ${apiKey}' \\
  -H 'Content-Type: application/json' \\
  -H 'Prefer: wait=30' \\
  -d '{ "model": "sandbox/image", "input": { "prompt": "A lighthouse at dusk" } }'
`
}

export function laterStart(url: string): string {
  return `DayGen is ready at ${url} (console: ${url}/admin)`
}
