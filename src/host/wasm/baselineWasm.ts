/**
 * WASM that V8 compiles quickly and never optimizes: a command of `ic` is over long before optimized code could pay for
 * its making, which takes as long as the whole command. It also checks each function when it compiles it, so that the
 * many functions which a command never calls cost nothing.
 */
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';

const NEVER_REACHED = 2_000_000_000;
/** What V8 has without us: in Node.js 20, and in later ones. */
const USUAL_BUDGETS = [1_800_000, 13_000_000];

/** V8 reads the settings for each module as it is made. */
export function baselineModule(wasm: Uint8Array): WebAssembly.Module {
  const settings = cachedDataVersionTag();
  setBudget(NEVER_REACHED);
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(wasm);
  } finally {
    // V8 refuses code that it cached with other settings: that of Node's own parts, and ours.
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
