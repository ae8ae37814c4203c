import { connect } from 'node:net'
import app from '@adonisjs/core/services/app'

/** Whether a Redis listens at `REDIS_URL` or at its usual place. */
export function redisAnswers(): Promise<boolean> {
  const { host, port } = redisAddress()
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

export function redisAddress(): { host: string; port: number } {
  return app.config.get<any>('redis').connections.main
}
