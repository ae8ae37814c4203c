/** Something in a price that its author can mend. `field` is a path below the model. */
export class PriceProblem extends Error {
  constructor(
    readonly field: string,
    readonly mend: string
  ) {
    super(`${field}: ${mend}`)
  }
}
