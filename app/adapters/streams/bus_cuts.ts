import { Cuts, type Holder } from '#core/streams/cuts'
import type { Bus } from '#adapters/bus/bus'

const TOPIC = 'cuts'

export class BusCuts extends Cuts {
  constructor(private readonly bus: Bus) {
    super()
  }

  tell(holder: Holder) {
    this.bus.publish(TOPIC, holder)
  }

  hear(listener: (holder: Holder) => void) {
    this.bus.subscribe(TOPIC, (word) => listener(word as Holder))
  }
}
