// The globals of the platform that `src` may use beside ECMAScript itself. Every runtime has them; the real
// declarations come from the host's own types. A global that is not here does not compile in `src`.

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

declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;

declare var crypto: {
  randomUUID(): string;
  getRandomValues<Numbers extends Uint32Array>(numbers: Numbers): Numbers;
};

// What the command lines and the database in a folder take of Node, by import only.
declare module "node:process" {
  const process: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly pid: number;
    kill(pid: number, signal: 0): boolean;
    exitCode: number | undefined;
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
  export function writeFile(path: string, text: string): Promise<void>;
}
