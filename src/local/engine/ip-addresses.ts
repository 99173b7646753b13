/** An IPv4 or IPv6 address in its standard form as a number of 32 or 128 bits. */
export function addressNumber(host: string, version: number): bigint {
  return version === 4 ? ipv4Number(host) : ipv6Number(host);
}

function ipv4Number(host: string): bigint {
  return host.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6Number(host: string): bigint {
  const plain = host.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const number = ipv4Number(v4);
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}
