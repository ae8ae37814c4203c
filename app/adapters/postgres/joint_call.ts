interface Passenger<Parameter, Answer> {
  parameter: Parameter
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** More would make the first of them wait longer for its answer than the trip saves. */
const SEATS = 32

/**
 * Calls that are asked for at once travel together. Nobody waits for company: while no trip is
 * under way a call leaves at once, alone; while one is, calls gather for the next.
 */
export class JointCall<Parameter, Answer> {
  readonly #waiting: Passenger<Parameter, Answer>[] = []
  #isUnderWay = false

  /** `travel` answers in the order of its parameters. When it throws, all of the trip failed. */
  constructor(private readonly travel: (parameters: Parameter[]) => Promise<Answer[]>) {}

  call(parameter: Parameter): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ parameter, resolve, reject })
      if (!this.#isUnderWay) this.#depart()
    })
  }

  async #depart() {
    this.#isUnderWay = true
    while (this.#waiting.length > 0) {
      const passengers = this.#waiting.splice(0, SEATS)
      try {
        const answers = await this.travel(passengers.map(({ parameter }) => parameter))
        passengers.forEach(({ resolve }, seat) => resolve(answers[seat]))
      } catch (error) {
        for (const { reject } of passengers) reject(error)
      }
    }
    this.#isUnderWay = false
  }
}
