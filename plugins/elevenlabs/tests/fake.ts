import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { sound } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'

/** How many characters each takes. */
const LONGEST: Record<string, number> = {
  eleven_v3: 5_000,
  eleven_multilingual_v2: 10_000,
  eleven_flash_v2_5: 40_000,
  eleven_turbo_v2_5: 40_000,
}
const FIELDS = ['text', 'model_id', 'voice_settings', 'seed', 'language_code']
const CHARACTERS_A_SECOND = 15

/** ElevenLabs' speech, as it was documented on 2026-11-22. */
export default class FakeElevenLabs extends FakeVendor {
  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/text-to-speech/:voice',
      step: 'submit',
      answer: (call) => this.#speak(call),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(401, 'invalid_api_key')
      case 'rate':
        return refusal(429, 'system_busy')
      case 'server':
        return refusal(503, 'unavailable')
      case 'not_found':
        return refusal(404, 'not_found')
    }
  }

  async #speak(call: FakeCall): Promise<FakeAnswer> {
    const body = call.json()
    const format = /^mp3_(22050|44100)_(32|64|96|128)$/.exec(call.query.get('output_format') ?? '')
    const refused = troubleOf(call) ?? misfit(body)
    if (refused) return refused
    if (!format) return unprocessable('output_format')
    await working(call)
    const headers = { 'request-id': `request_${this.next()}`, 'current-concurrent-requests': '1' }
    const text = String(body.text)
    const seconds = Math.min(60, text.length / CHARACTERS_A_SECOND)
    const [hertz, kilobits] = format.slice(1).map(Number)
    const bytes =
      call.trouble === 'empty'
        ? Buffer.alloc(0)
        : this.made(sound({ hertz, kilobits }, seconds, this.next()))
    return { headers, bytes, contentType: 'audio/mpeg' }
  }
}

function troubleOf({ trouble }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'balance':
      return refusal(401, 'quota_exceeded')
    case 'auth':
      return refusal(401, 'invalid_api_key')
    case 'concurrency':
      return refusal(429, 'too_many_concurrent_requests')
    case 'invalid':
      return unprocessable('text')
    case 'failed':
      return refusal(404, 'voice_not_found')
    default:
      return null
  }
}

function misfit(body: Record<string, unknown>): FakeAnswer | null {
  const stranger = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (stranger) return unprocessable(stranger)
  const { text, model_id: model, voice_settings: settings = {}, seed = 0 } = body
  const longest = LONGEST[String(model)]
  if (!longest || typeof text !== 'string') return unprocessable('model_id')
  if (text.length > longest) return refusal(400, 'max_character_limit_exceeded')
  const areShares = Object.entries(settings as object).every(
    ([name, value]: [string, number]) =>
      ['stability', 'similarity_boost'].includes(name) && value >= 0 && value <= 1
  )
  if (!areShares) return unprocessable('voice_settings')
  if (!(Number(seed) >= 0 && Number(seed) <= 4_294_967_295)) return unprocessable('seed')
  const isForced = body.language_code !== undefined
  return isForced && !/(flash|turbo)/.test(String(model)) ? unprocessable('language_code') : null
}

function refusal(status: number, said: string): FakeAnswer {
  return { status, json: { detail: { status: said, message: 'It was refused.' } } }
}

function unprocessable(field: string): FakeAnswer {
  const detail = [{ loc: ['body', field], msg: 'It does not fit.', type: 'value_error' }]
  return { status: 422, json: { detail } }
}
