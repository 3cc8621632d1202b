// The globals of the platform that `src` may use beside ECMAScript itself. Every runtime has them, and the host's own
// types declare them. A global that is not here does not compile in `src`.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare var AbortController: { new (): AbortController };

/** Undefined in browsers and in workerd. */
declare var setImmediate: ((callback: () => void) => unknown) | undefined;

declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** A key of WebCrypto, which only `crypto.subtle` can use. */
interface CryptoKey {
  readonly type: string;
  readonly algorithm: object;
}

declare var crypto: {
  randomUUID(): string;
  getRandomValues<Numbers extends Uint32Array>(numbers: Numbers): Numbers;
  readonly subtle: {
    digest(hash: string, data: Uint8Array): Promise<ArrayBuffer>;
    generateKey(
      algorithm: { readonly name: string },
      isExtractable: boolean,
      usages: ("sign" | "verify")[],
    ): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }>;
    exportKey(format: "jwk", key: CryptoKey): Promise<object>;
    exportKey(format: "pkcs8" | "spki", key: CryptoKey): Promise<ArrayBuffer>;
    importKey(
      format: "jwk",
      jwk: object,
      algorithm: { readonly name: string },
      isExtractable: boolean,
      usages: ("sign" | "verify")[],
    ): Promise<CryptoKey>;
    importKey(
      format: "pkcs8" | "spki",
      der: Uint8Array,
      algorithm: { readonly name: string },
      isExtractable: boolean,
      usages: ("sign" | "verify")[],
    ): Promise<CryptoKey>;
    sign(algorithm: { readonly name: string }, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
    verify(
      algorithm: { readonly name: string },
      key: CryptoKey,
      signature: Uint8Array,
      data: Uint8Array,
    ): Promise<boolean>;
  };
};

// Web standards of the HTTP adapters, as far as they are used.

declare function atob(base64: string): string;
declare function btoa(binary: string): string;

interface Headers {
  get(name: string): string | null;
  set(name: string, value: string): void;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare var Headers: { new (headers: Headers | [string, string][]): Headers };

interface ReadableStreamDefaultReader<Chunk> {
  read(): Promise<
    { readonly done: false; readonly value: Chunk } | { readonly done: true; readonly value?: Chunk }
  >;
  cancel(reason?: unknown): Promise<void>;
}

interface ReadableStream<Chunk> {
  getReader(): ReadableStreamDefaultReader<Chunk>;
  pipeThrough(transform: {
    readonly readable: ReadableStream<Chunk>;
    readonly writable: unknown;
  }): ReadableStream<Chunk>;
}

declare var ReadableStream: {
  new <Chunk>(source: {
    pull(controller: { enqueue(chunk: Chunk): void; close(): void }): void;
  }): ReadableStream<Chunk>;
};

interface ByteTransform {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: unknown;
}

declare var CompressionStream: { new (format: "gzip"): ByteTransform };
declare var DecompressionStream: { new (format: "gzip" | "deflate-raw"): ByteTransform };

interface Request {
  arrayBuffer(): Promise<ArrayBuffer>;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

declare var Request: {
  new (request: Request, init: { readonly headers: Headers; readonly body: Uint8Array }): Request;
  new (
    url: string,
    init: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array<ArrayBuffer>;
    },
  ): Request;
};

interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

declare var Response: {
  new (
    body: string | Uint8Array<ArrayBuffer>,
    init: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  ): Response;
};

declare function fetch(
  url: string,
  init: {
    readonly method: "POST";
    readonly headers: [string, string][];
    readonly body: Uint8Array<ArrayBuffer>;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
): Promise<Response>;

declare var URL: {
  new (
    url: string,
  ): {
    readonly origin: string;
    readonly protocol: string;
    readonly hostname: string;
    readonly pathname: string;
    readonly username: string;
    readonly password: string;
    readonly hash: string;
    readonly href: string;
  };
};

declare var TextEncoder: { new (): { encode(text: string): Uint8Array<ArrayBuffer> } };
declare var TextDecoder: {
  new (
    label: "utf-8",
    options: { readonly fatal: true; readonly ignoreBOM: true },
  ): { decode(bytes: Uint8Array): string };
};

// The parts of Node that the command lines and the database in a folder use, by import only.
declare module "node:process" {
  const process: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly pid: number;
    kill(pid: number, signal: 0): boolean;
    exitCode: number | undefined;
    exit(): never;
    once(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
    readonly stdout: { write(text: string): boolean };
    readonly stderr: { write(text: string): boolean };
  };
  export default process;
}

declare module "node:util" {
  export function parseArgs(config: {
    readonly args: string[];
    readonly options: Record<string, { readonly type: "string" }>;
    readonly allowPositionals: true;
  }): { readonly values: { readonly [option: string]: string | undefined }; readonly positionals: string[] };
}

declare module "node:path" {
  export function dirname(path: string): string;
  export function resolve(path: string): string;
}

declare module "node:fs/promises" {
  export function link(existing: string, name: string): Promise<void>;
  export function mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  export function readdir(path: string): Promise<readonly string[]>;
  export function readFile(path: string, encoding: "utf8"): Promise<string>;
  export function rename(from: string, to: string): Promise<void>;
  export function rm(path: string, options: { readonly force: true }): Promise<void>;
  export function writeFile(
    path: string,
    text: string,
    options: { readonly flag: "wx"; readonly mode: number },
  ): Promise<void>;
}
