/**
 * The fewest of the items that still fail, as far as leaving some out in ever smaller blocks finds
 * it. Gives up looking after `patience` tries.
 */
export async function shrink<Item>(
  items: Item[],
  fails: (items: Item[]) => Promise<boolean>,
  patience = 400
): Promise<Item[]> {
  let best = items
  let tries = 0
  for (let size = Math.ceil(best.length / 2); size >= 1;) {
    let isShorter = false
    for (let start = 0; start < best.length && tries < patience;) {
      const without = best.toSpliced(start, size)
      tries++
      if (without.length > 0 && (await fails(without))) {
        best = without
        isShorter = true
      } else {
        start += size
      }
    }
    if (tries >= patience) break
    if (size === 1 && !isShorter) break
    if (size > 1 || !isShorter) size = Math.floor(size / 2)
  }
  return best
}
