/** How the ledger is made provable. Times in milliseconds. */
export default {
  /** How often the heads of all accounts are signed. What is changed between two roots can go unseen. */
  signEvery: 60_000,
}
