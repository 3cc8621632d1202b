/**
 * Bytes in memory of their own, which is `Uint8Array<ArrayBuffer>`. The type is written in a form that TypeScript before
 * 5.7 knows, where `Uint8Array` has no parameter.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;
