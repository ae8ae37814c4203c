import { test } from '@japa/runner'
import { isPublicAddress } from '#app/outbound/public_address'

test.group('Public address', () => {
  test('{0} is not public: {1}')
    .with([
      ['0.0.0.0', 'this host'],
      ['0.1.2.3', 'this network'],
      ['127.0.0.1', 'loopback'],
      ['127.255.255.254', 'loopback'],
      ['10.0.0.1', 'private'],
      ['172.16.0.1', 'private'],
      ['172.31.255.255', 'private'],
      ['192.168.1.1', 'private'],
      ['100.64.0.1', 'carrier NAT'],
      ['100.100.100.200', 'metadata of a cloud, in carrier NAT'],
      ['169.254.169.254', 'metadata of a cloud, link-local'],
      ['192.0.0.192', 'metadata of a cloud, reserved'],
      ['168.63.129.16', 'host agent of a cloud'],
      ['192.0.2.1', 'documentation'],
      ['198.18.0.1', 'benchmarks'],
      ['198.51.100.1', 'documentation'],
      ['203.0.113.1', 'documentation'],
      ['224.0.0.1', 'multicast'],
      ['240.0.0.1', 'reserved'],
      ['255.255.255.255', 'broadcast'],
      ['::', 'unspecified'],
      ['::1', 'loopback'],
      ['::127.0.0.1', 'IPv4-compatible'],
      ['::7f00:1', 'IPv4-compatible'],
      ['::ffff:127.0.0.1', 'IPv4-mapped'],
      ['::ffff:7f00:1', 'IPv4-mapped'],
      ['::ffff:8.8.8.8', 'IPv4-mapped'],
      ['::ffff:0:127.0.0.1', 'IPv4-translated'],
      ['64:ff9b::7f00:1', 'NAT64'],
      ['64:ff9b:1::7f00:1', 'local NAT64'],
      ['100::1', 'discard'],
      ['2001::1', 'Teredo'],
      ['2001:db8::1', 'documentation'],
      ['2001:10::1', 'ORCHID'],
      ['2002:7f00:1::', '6to4 of loopback'],
      ['2002:808:808::', '6to4'],
      ['3fff::1', 'documentation'],
      ['4000::1', 'not assigned'],
      ['5f00::1', 'segment routing'],
      ['fc00::1', 'unique local'],
      ['fd00:ec2::254', 'metadata of a cloud, unique local'],
      ['fe80::1', 'link-local'],
      ['fe80::1%eth0', 'link-local with a zone'],
      ['fec0::1', 'site-local'],
      ['ff02::1', 'multicast'],
      ['example.com', 'a name'],
      ['', 'nothing'],
    ])
    .run(({ assert }, [address]) => {
      assert.isFalse(isPublicAddress(address))
    })

  test('{$self} is public')
    .with([
      '8.8.8.8',
      '1.1.1.1',
      '172.32.0.1',
      '100.128.0.1',
      '2606:4700::1111',
      '2a00:1450:4001::1',
    ])
    .run(({ assert }, address) => {
      assert.isTrue(isPublicAddress(address))
    })
})
