interface Passenger<Parameter, Answer> {
  parameter: Parameter
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** More would make the first of them wait longer for its answer than the trip saves. */
const SEATS = 32

/** While one trip waits for the disk or ends, another has the database work. */
const LANES = 2

/** How much of a crowd is remembered from one trip to the next. */
const MEMORY = 0.95

/**
 * Calls that are asked for at once travel together. Nobody waits for company alone: while no trip
 * is under way a call leaves at once; while one is, calls gather for the next, which leaves with
 * its return, or before it once half of the crowd is aboard: smaller trips would cost the
 * database more than they save their passengers.
 */
export class JointCall<Parameter, Answer> {
  #waiting: Passenger<Parameter, Answer>[] = []
  #trips = 0
  #aboard = 0
  /** What the trips under way lock. */
  readonly #locked = new Set<string>()
  /** The most that lately waited or travelled at once. */
  #crowd = 1

  /**
   * `travel` answers in the order of its parameters. When it throws, all of the trip failed.
   * Calls of one `lock` never travel in two trips at once: the second would find it taken.
   */
  constructor(
    private readonly travel: (parameters: Parameter[]) => Promise<Answer[]>,
    private readonly lock: (parameter: Parameter) => string
  ) {}

  call(parameter: Parameter): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ parameter, resolve, reject })
      this.#crowd = Math.max(this.#crowd, this.#waiting.length + this.#aboard)
      this.#board()
    })
  }

  /** Sends a trip where one may leave. Answers whether. */
  #board(): boolean {
    const least = this.#trips === 0 ? 1 : Math.min(this.#crowd / 2, SEATS)
    if (this.#trips === LANES || this.#waiting.length < least) return false
    const ready = this.#waiting.filter(({ parameter }) => !this.#locked.has(this.lock(parameter)))
    if (ready.length < least) return false
    const passengers = new Set(ready.slice(0, SEATS))
    this.#waiting = this.#waiting.filter((one) => !passengers.has(one))
    this.#travel([...passengers])
    return true
  }

  async #travel(passengers: Passenger<Parameter, Answer>[]) {
    const parameters = passengers.map(({ parameter }) => parameter)
    const locks = parameters.map(this.lock)
    this.#trips++
    this.#aboard += passengers.length
    locks.forEach((lock) => this.#locked.add(lock))

    const tell = await this.travel(parameters).then(
      (answers) => () => passengers.forEach(({ resolve }, seat) => resolve(answers[seat])),
      (error) => () => passengers.forEach(({ reject }) => reject(error))
    )

    this.#trips--
    this.#aboard -= passengers.length
    locks.forEach((lock) => this.#locked.delete(lock))
    this.#crowd *= MEMORY
    // What the answered do next is work of this process: the next trip is not to wait for it.
    if (this.#board()) setImmediate(tell)
    else tell()
  }
}
