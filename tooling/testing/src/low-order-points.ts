// Every encoding of an X25519 public key with which all agreements are zero, the ignored top bit clear and set.

const points = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]
const topBit = (point: string) => point.slice(0, 62) + (Number.parseInt(point.slice(62), 16) | 0x80).toString(16)

export const lowOrderPoints: readonly string[] = [...points, ...points.map(topBit)]
