/**
 * Makes V8 compile WASM quickly without optimization: a command of `ic` is too short to benefit from optimized code,
 * which takes as long as the whole command to compile. Functions are compiled and checked lazily, so that unused ones
 * cost nothing.
 */
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';

const NEVER_REACHED = 2_000_000_000;
/** V8's defaults: in Node.js 20, and in later versions. */
const USUAL_BUDGETS = [1_800_000, 13_000_000];

/** V8 reads the settings when it creates a module. */
export function baselineModule(wasm: Uint8Array): WebAssembly.Module {
  const settings = cachedDataVersionTag();
  setBudget(NEVER_REACHED);
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(wasm);
  } finally {
    // V8 rejects code that was cached with other settings: that of Node's own parts, and ours.
    setFlagsFromString('--no-wasm-lazy-validation');
    for (const budget of USUAL_BUDGETS) {
      setBudget(budget);
      if (cachedDataVersionTag() === settings) break;
    }
  }
}

function setBudget(budget: number): void {
  setFlagsFromString(`--wasm-tiering-budget=${budget}`);
}
