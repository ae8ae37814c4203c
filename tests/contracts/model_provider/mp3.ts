/** Of MPEG 1 and of MPEG 2, layer III, in kilobits a second; the first of each is no rate. */
const BITRATES = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const RATES = { 1: [44_100, 48_000, 32_000], 2: [22_050, 24_000, 16_000] }

/** How long an MP3 plays, read frame by frame (ISO 11172-3). Throws for one that is no sound, or cut. */
export function readMp3(bytes: Uint8Array): { durationMs: number } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = file.toString('latin1', 0, 3) === 'ID3' ? afterTag(file) : 0
  let seconds = 0
  while (at < file.length) {
    const { length, samples, rate } = frame(file, at)
    at += length
    seconds += samples / rate
  }
  if (seconds === 0) throw new Error('The sound has no frames.')
  if (at > file.length) throw new Error('The sound is cut.')
  return { durationMs: seconds * 1000 }
}

function frame(file: Buffer, at: number) {
  const [first = 0, second = 0, third = 0] = file.subarray(at)
  const version = { 3: 1, 2: 2 }[(second >> 3) & 3] as 1 | 2 | undefined
  const isLayer3 = ((second >> 1) & 3) === 1
  if (first !== 0xff || second < 0xe0 || !version || !isLayer3) {
    throw new Error(`The sound has no frame at byte ${at}.`)
  }
  const kilobits = BITRATES[version][third >> 4]
  const rate = RATES[version][(third >> 2) & 3]
  if (!kilobits || !rate) throw new Error(`The sound has a frame without a rate at byte ${at}.`)
  const samples = version === 1 ? 1152 : 576
  const padding = (third >> 1) & 1
  return { samples, rate, length: Math.floor((samples * kilobits * 125) / rate) + padding }
}

/** The tag's length is in four bytes of seven bits. */
function afterTag(file: Buffer): number {
  const [a = 0, b = 0, c = 0, d = 0] = file.subarray(6, 10)
  return 10 + ((a << 21) | (b << 14) | (c << 7) | d)
}
