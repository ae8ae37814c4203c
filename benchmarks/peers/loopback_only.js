import { Server } from 'node:net'

/** Imported before a peer that would listen on every address of the machine. */
const { listen } = Server.prototype
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, '127.0.0.1', ...rest.filter((one) => typeof one === 'function'))
}
