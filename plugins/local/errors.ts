import type { ErrorClass } from '#core/queue/types'

/** What this engine cannot or will not do, with the kernel's name for it. */
export class LocalFault extends Error {
  constructor(
    readonly errorClass: ErrorClass,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
    this.name = 'LocalFault'
  }
}

/** The file is not a picture that can be read. */
export class UnreadablePicture extends LocalFault {
  constructor(cause: unknown) {
    super('invalid_input', 'The picture cannot be read. Send a whole PNG, JPEG or WebP file.', {
      cause,
    })
  }
}

/** The picture that was asked for does not fit its format. */
export class PictureTooLarge extends LocalFault {
  constructor({ width, height, limit }: { width: number; height: number; limit: string }) {
    super('invalid_input', `The result would be ${width}×${height} pixels; ${limit}.`)
  }
}

export class Stopped extends LocalFault {
  constructor() {
    super('canceled', 'The work was stopped.')
  }
}
