/** What we use of WebAssembly, which every runtime has and no library of types for one without a browser. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Module {
    readonly #brand: true;
    constructor(program: Uint8Array);
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function compile(program: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: object): Promise<Instance>;
}
