/** What is wrong with a request, and where: a JSON pointer. */
export interface WebhookProblem {
  code: string
  param: string
  message: string
}
