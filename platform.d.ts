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

// What the command lines take of Node, by import only.
declare module "node:process" {
  const process: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
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
