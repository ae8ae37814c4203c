import { Exception } from '@adonisjs/core/exceptions'

/** A file that must be there is not: it was deleted while somebody still relied on it. */
export class AssetMissing extends Exception {
  static status = 404
  static code = 'E_ASSET_MISSING'

  constructor(assetId: string) {
    super(`There is no asset ${assetId} any more. Upload the file again and use its new id.`)
  }
}

/** Bytes that we made or bought are not what they are said to be. */
export class FileUnreadable extends Exception {
  static status = 500
  static code = 'E_FILE_UNREADABLE'

  constructor(contentType: string) {
    super(
      `The bytes begin as ${contentType}, but hold no picture. Whoever made them failed: make them again.`
    )
  }
}

/** The sender went away before its file was there. Nobody is left to hear of it. */
export class UploadAborted extends Exception {
  static status = 400
  static code = 'E_UPLOAD_ABORTED'
  static message = 'The upload broke off. Send the file again.'
}
