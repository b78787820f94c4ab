// ./dist/index.d.ts
interface DecodeLimits {
    readonly depth?: number;
    readonly bytes?: number;
    readonly memory?: number;
}
type IntegerType = "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";
type FloatType = "float32" | "float64";
type NumberType = IntegerType | FloatType;
declare class TypedNumber<T extends NumberType = NumberType> {
    readonly type: T;
    readonly value: T extends "int64" | "uint64" ? number | bigint : number;
    private constructor();
    static of<T extends NumberType>(type: T, value: number | bigint): TypedNumber<T>;
}
declare const int8: (value: number | bigint) => TypedNumber<"int8">;
declare const int16: (value: number | bigint) => TypedNumber<"int16">;
declare const int32: (value: number | bigint) => TypedNumber<"int32">;
declare const int64: (value: number | bigint) => TypedNumber<"int64">;
declare const uint8: (value: number | bigint) => TypedNumber<"uint8">;
declare const uint16: (value: number | bigint) => TypedNumber<"uint16">;
declare const uint32: (value: number | bigint) => TypedNumber<"uint32">;
declare const uint64: (value: number | bigint) => TypedNumber<"uint64">;
declare const float32: (value: number) => TypedNumber<"float32">;
declare const float64: (value: number) => TypedNumber<"float64">;
type Value = null | boolean | number | bigint | string | Uint8Array | Value[] | {
    [key: string]: Value;
};
type TypedValue = null | boolean | number | bigint | string | Uint8Array | TypedNumber | TypedValue[] | {
    [key: string]: TypedValue;
};
type Encodable = null | boolean | number | bigint | string | Uint8Array | TypedNumber | readonly Encodable[] | {
    readonly [key: string]: Encodable;
};
interface DecodeOptions {
    readonly typed?: boolean;
    readonly canonical?: boolean;
    readonly copy?: boolean;
    readonly limits?: DecodeLimits;
}
type Decoded<Options extends DecodeOptions> = "typed" extends keyof Options ? Options["typed"] extends false | undefined ? Value : TypedValue : Value;
declare function decode<const Options extends DecodeOptions = Record<never, never>>(bytes: Uint8Array, options?: Options): Decoded<Options>;
type DecodeRule = "tag" | "truncated" | "length" | "count" | "trailing" | "key-type" | "key-order" | "key-duplicate" | "utf8" | "nan" | "canonical" | "limit-depth" | "limit-bytes" | "limit-memory";
declare function decodeStream<const Options extends DecodeOptions = Record<never, never>>(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: Options): AsyncGenerator<Decoded<Options>, void, undefined>;
declare class Decoder<const Options extends DecodeOptions = Record<never, never>> {
    #private;
    constructor(options?: Options);
    get bufferedBytes(): number;
    push(chunk: Uint8Array): Decoded<Options>[];
    end(): void;
}
declare function encode(value: Encodable): Uint8Array<ArrayBuffer>;
declare function encodeInto(value: Encodable, target: Uint8Array, offset?: number): number;
declare function encodedSize(value: Encodable): number;
type EncodeRule = "undefined" | "function" | "symbol" | "class-instance" | "sparse-array" | "cycle" | "depth" | "surrogate" | "integer-range" | "length";
export { type DecodeLimits, type DecodeOptions, type DecodeRule, type Decoded, Decoder, type Encodable, type EncodeRule, type FloatType, type IntegerType, type NumberType, type TypedNumber, type TypedValue, type Value, decode, decodeStream, encode, encodeInto, encodedSize, float32, float64, int16, int32, int64, int8, uint16, uint32, uint64, uint8 };
