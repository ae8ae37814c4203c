/** Why a file is not kept. Its sender can mend it; `message` says how. */
export type FileRefusal = { message: string } & (
  | { type: 'file_empty' }
  | { type: 'file_too_large'; maxBytes: number }
  /** The bytes are of no kind that is known. */
  | { type: 'file_unknown_type' }
  /** They are of a known kind that is not taken here. */
  | { type: 'file_unsupported_type'; contentType: string }
  | { type: 'file_type_mismatch'; declared: string; actual: string }
  | { type: 'file_unreadable'; contentType: string }
  /** Of all frames together. */
  | { type: 'file_too_many_pixels'; pixels: number; maxPixels: number }
)

export interface FileRules {
  contentTypes: readonly string[]
  maxBytes: number
  /** Of all frames together. */
  maxPixels: number
}

/** The refusals in words. */
export const refuse = {
  empty(): FileRefusal {
    return { type: 'file_empty', message: 'The file is empty. Send its bytes.' }
  },

  tooLarge(maxBytes: number): FileRefusal {
    return {
      type: 'file_too_large',
      maxBytes,
      message: `The file is larger than ${megabytes(maxBytes)}. Make it smaller or compress it harder.`,
    }
  },

  unknownType({ contentTypes }: FileRules): FileRefusal {
    return {
      type: 'file_unknown_type',
      message: `The bytes are no picture or film that is known here, whatever the name says. Send ${listed(contentTypes)}.`,
    }
  },

  unsupportedType(contentType: string, { contentTypes }: FileRules): FileRefusal {
    return {
      type: 'file_unsupported_type',
      contentType,
      message: `The file is ${contentType}. Send ${listed(contentTypes)}.`,
    }
  },

  typeMismatch(declared: string, actual: string): FileRefusal {
    return {
      type: 'file_type_mismatch',
      declared,
      actual,
      message: `The file was declared as ${declared}, but its bytes are ${actual}. Declare ${actual} or send the other file.`,
    }
  },

  unreadable(contentType: string): FileRefusal {
    return {
      type: 'file_unreadable',
      contentType,
      message: `The file begins as ${contentType}, but cannot be read to its end. It is damaged or cut off: save it anew and send all of it.`,
    }
  },

  tooManyPixels(pixels: number, maxPixels: number): FileRefusal {
    return {
      type: 'file_too_many_pixels',
      pixels,
      maxPixels,
      message: `The picture has ${megapixels(pixels)} megapixels, all frames together; at most ${megapixels(maxPixels)} are taken. Scale it down.`,
    }
  },
}

function listed(contentTypes: readonly string[]): string {
  return contentTypes.length < 2
    ? contentTypes.join()
    : `${contentTypes.slice(0, -1).join(', ')} or ${contentTypes.at(-1)}`
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1024 / 1024).toPrecision(3))} MB`
}

function megapixels(pixels: number): string {
  return `${Number((pixels / 1e6).toPrecision(4))}`
}
