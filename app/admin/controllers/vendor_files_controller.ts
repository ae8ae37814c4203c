import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { VENDOR_FILES } from '#app/admin/public_files'

export default class VendorFilesController {
  async show({ params, response }: HttpContext) {
    if (!Object.hasOwn(VENDOR_FILES, params.file)) throw new NotFound('such file')
    // Its address carries the content's digest, see `publicUrl`.
    response.header('Cache-Control', 'public, max-age=31536000, immutable')
    return response.download(VENDOR_FILES[params.file])
  }
}
