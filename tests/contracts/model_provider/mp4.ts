/** Size, length and frames of an MP4, read from its boxes (ISO 14496-12). Throws for a film without frames. */
export function readMp4(bytes: Uint8Array): { width: number; height: number; durationMs: number } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const track = box(box(file, 'moov'), 'trak')
  const media = box(track, 'mdia')
  const table = box(box(media, 'minf'), 'stbl')

  // Full boxes of version 0: four bytes of version and flags, then fields of four bytes.
  const header = box(track, 'tkhd')
  const timing = box(media, 'mdhd')
  const frames = box(table, 'stsz').readUInt32BE(8)
  if (frames === 0) throw new Error('The film has no frames.')
  if (box(file, 'mdat').length < frames) throw new Error('The film has no pictures.')
  return {
    width: header.readUInt32BE(76) / 65_536,
    height: header.readUInt32BE(80) / 65_536,
    durationMs: (timing.readUInt32BE(16) / timing.readUInt32BE(12)) * 1000,
  }
}

/** The contents of the first box of that name. */
function box(parent: Buffer, name: string): Buffer {
  let at = 0
  while (at + 8 <= parent.length) {
    const size = parent.readUInt32BE(at)
    if (size < 8 || at + size > parent.length) break
    if (parent.toString('latin1', at + 4, at + 8) === name)
      return parent.subarray(at + 8, at + size)
    at += size
  }
  throw new Error(`The film has no ${name} box.`)
}
