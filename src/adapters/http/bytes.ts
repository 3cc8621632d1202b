/**
 * Bytes in memory of their own: `Uint8Array<ArrayBuffer>`. They are written so that TypeScript before 5.7 knows the type
 * too: there `Uint8Array` has no parameter.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;
