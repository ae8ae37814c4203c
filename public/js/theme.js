// Before the first paint, so that the chosen theme never flashes. Not a module: those run late.
try {
  const chosen = localStorage.getItem('theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
} catch {
  // Storage may be off; then the system's wish holds.
}
