import { createHash } from 'node:crypto'

/**
 * The root of a Merkle tree as RFC 6962 (2.1) defines it, of leaves that come one by one. It
 * keeps one hash a level and not the leaves. Leaves and nodes are hashed in domains of their own.
 */
export class MerkleTree {
  /** Roots of whole subtrees that wait for a neighbour of their size, the largest first. */
  readonly #subtrees: { leaves: number; root: Buffer }[] = []

  add(leaf: Buffer) {
    let leaves = 1
    let root: Buffer = createHash('sha256').update('\x00').update(leaf).digest()
    while (this.#subtrees.at(-1)?.leaves === leaves) {
      root = node(this.#subtrees.pop()!.root, root)
      leaves *= 2
    }
    this.#subtrees.push({ leaves, root })
  }

  /** Hexadecimal. Of no leaves, it is the hash of nothing. */
  root(): string {
    const roots = this.#subtrees.map(({ root }) => root)
    if (roots.length === 0) return createHash('sha256').digest('hex')
    return roots.reduceRight((right, left) => node(left, right)).toString('hex')
  }
}

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update('\x01').update(left).update(right).digest()
}
