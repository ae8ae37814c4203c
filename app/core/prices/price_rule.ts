/**
 * An exact rate: a decimal of US dollars, for one unit or for `per` units
 * (`{ usd: "0.30", per: 1000000 }` is thirty cents a million).
 */
export type PlainRate = string | { usd: string; per: number }

/** What a parameter may say in a table: a value of an enum, a switch, a whole number. */
export type KeyValue = string | number | boolean | null

/**
 * Looks a value up by parameters of the input. `has:<parameter>` is whether a parameter is
 * given at all. Rows are tried in order; `*` fits whatever is there.
 */
export interface Table<Value> {
  keys: string[]
  rows: [KeyValue[], Value][]
}

export type Rate = PlainRate | { table: Table<PlainRate> }

export type Count = number | { table: Table<number> }

export const TOKEN_KINDS = [
  'textIn',
  'cachedTextIn',
  'imageIn',
  'cachedImageIn',
  'audioIn',
  'textOut',
  'imageOut',
  'audioOut',
  'videoOut',
] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

/** The most tokens a call can take of one kind: the sum of what is given here. */
export interface TokenEstimate {
  perCall?: Count
  perOutput?: Count
  perReference?: Count
  /** For each million pixels that come out. */
  perMegapixel?: Count
  /** The text parameter whose UTF-8 bytes count: no tokenizer makes a token of less than one. */
  perByteOf?: string
  /** Width × height × seconds × `fps` of each output, divided by `per`. */
  perPixelFrame?: { fps: number; per: number }
}

/** How a vendor's own unit of a reported figure converts, from an instant on. */
export interface UnitRate {
  version: string
  /** An ISO 8601 instant with its zone. */
  from: string
  rate: PlainRate
}

/**
 * What a vendor charges, as data. The kernel evaluates it; a plugin never computes
 * a price. Each result is rounded up once, to a micro-dollar.
 */
export type PriceRule =
  /** Costs nothing, and says so. */
  | { free: true }
  /** A price an output. */
  | { flat: Rate }
  /** A price an output, by parameters: the same as `flat` over a table. */
  | { table: Table<PlainRate> }
  /** A price for each second of each output. */
  | { perSecond: Rate; wholeSeconds?: true }
  /** A price by the kinds of tokens that a call took. `upper` says how many it can take. */
  | {
      perToken: {
        rates: Partial<Record<TokenKind, Rate>>
        upper: Partial<Record<TokenKind, TokenEstimate>>
      }
    }
  /**
   * A price for each million pixels that come out, and that go in. With `extraOut`, `out` is of
   * the first megapixel of each output only. `wholeMegapixels` rounds each picture up.
   */
  | { perMegapixel: { out: Rate; extraOut?: Rate; in?: Rate; wholeMegapixels?: true } }
  /** A price for each million pixels of each frame. */
  | { perMegapixelFrame: { rate: Rate; fps: number } }
  /** A price a unit of another sort; `of` names the parameter whose characters count. */
  | { perUnit: { unit: 'characters'; of: string; rate: Rate } }
  | { perUnit: { unit: 'minutes'; rate: Rate; whole?: true } }
  | { perUnit: { unit: 'references'; rate: Rate } }
  | { sum: PriceRule[] }
  | { min: PriceRule[] }
  | { max: PriceRule[] }
  /**
   * The vendor's own figure in the vendor's own unit. `otherwise` is the rule that holds before
   * the work, where nothing was reported, and where what was reported cannot be believed.
   */
  | { reported: { unit: string; rates: UnitRate[]; otherwise: PriceRule } }

/** A vendor's price as a plugin declares it. */
export interface ModelPrice {
  /** As its author names it. What it says is pinned beside the name, see `pinOf`. */
  version: string
  /** Where it was read, and when. */
  source: string
  rule: PriceRule
}

/** A price that holds from an instant on, instead of the one before. */
export interface PriceChange extends ModelPrice {
  /** An ISO 8601 instant with its zone. */
  effectiveFrom: string
}

/** What a price counts. Estimated from the input before the work, measured after it. */
export interface Quantities {
  outputs: number
  /** Of all outputs together; of films, one frame of each. */
  pixelsOut: number
  /** Of all references together. */
  pixelsIn: number
  /** Of all outputs together. */
  seconds: number
  /** Of each reference rounded up, all together. */
  wholeMegapixelsIn?: number
  references?: number
  characters?: number
  tokens?: Partial<Record<TokenKind, number>>
}

/** What a vendor says that a call cost. */
export interface ReportedCost {
  amount: number | string
  /** In the vendor's words: `credits`. */
  unit: string
}
