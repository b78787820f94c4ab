// The tag byte that starts every value.
// spec: STT-SER-1
export const NULL = 0x00
export const FALSE = 0x01
export const TRUE = 0x02
export const INT8 = 0x10
export const INT16 = 0x11
export const INT32 = 0x12
export const INT64 = 0x13
export const UINT8 = 0x14
export const UINT16 = 0x15
export const UINT32 = 0x16
export const UINT64 = 0x17
export const FLOAT32 = 0x20
export const FLOAT64 = 0x21
export const BYTES = 0x30
export const STRING = 0x31
export const LIST = 0x40
export const DICT = 0x41
