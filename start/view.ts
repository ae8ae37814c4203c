import edge from 'edge.js'
import { bytesText, countText, creditsText, signedCreditsText } from '#app/admin/format/amounts'
import {
  clockText,
  dayText,
  distanceText,
  durationText,
  instantText,
} from '#app/admin/format/times'
import { fileUrl, thumbnailUrl } from '#app/admin/format/file_urls'
import { unitsText } from '#app/admin/format/units'
import { publicUrl } from '#app/admin/public_files'

/** The words of the pages: how amounts, times and files look everywhere. */
for (const [name, word] of Object.entries({
  bytesText,
  countText,
  creditsText,
  signedCreditsText,
  clockText,
  dayText,
  distanceText,
  durationText,
  instantText,
  fileUrl,
  thumbnailUrl,
  unitsText,
  publicUrl,
})) {
  edge.global(name, word)
}
