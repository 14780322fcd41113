/** What the kernel uses of WebAssembly, which every runtime has and no library of types for one without a browser. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function instantiate(program: Uint8Array, imports: object): Promise<{ readonly instance: Instance }>;
}
