/** When an organisation is told that its credits run low, where it has no figure of its own. */
export default {
  lowBalance: '5',
}
