import ipaddr from 'ipaddr.js'

/** All of today's public IPv6. What lies outside is special or not assigned. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')

/** Looks public, but is the host agent of every virtual machine on Azure. */
const HOST_AGENTS = ['168.63.129.16']

/**
 * Whether an IP address is one of the open internet, so that a stranger may make us
 * connect to it. Not so: this machine, the networks around it, and every notation that
 * carries an IPv4 address inside an IPv6 one.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || HOST_AGENTS.includes(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST)
}

/** Whether an IP address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback'
}
