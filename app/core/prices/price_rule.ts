/**
 * An exact rate: a decimal of US dollars, for one unit or for `per` units
 * (`{ usd: "0.30", per: 1000000 }` is thirty cents a million).
 */
export type Rate = string | { usd: string; per: number }

/**
 * What a vendor charges, as data. The kernel evaluates it; a plugin never computes
 * a price. Each result is rounded up once, to a micro-dollar.
 */
export type PriceRule =
  /** Costs nothing, and says so. */
  | { free: true }
  /** A price an output. */
  | { flat: Rate }
  /** A price for each second of each output. */
  | { perSecond: Rate }
  /** A price for each million pixels that come out, and that go in. */
  | { perMegapixel: { out: Rate; in?: Rate } }
  | { sum: PriceRule[] }

/** What a price counts. Estimated from the input before the work, measured after it. */
export interface Quantities {
  outputs: number
  /** Of all outputs together. */
  pixelsOut: number
  /** Of all references together. */
  pixelsIn: number
  /** Of all outputs together. */
  seconds: number
}
