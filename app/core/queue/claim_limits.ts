/** What may run at once in all processes together. What is left out has no limit. */
export interface ClaimLimits {
  /** By kind of job. */
  kinds?: Record<string, number>
  /** By kind of job, for each account. */
  accounts?: Record<string, number>
  /** By provider. */
  providers?: Record<string, number>
  /** Providers whose jobs are left where they are: broken, or full by their own word. */
  unavailable?: string[]
}
