/** How the demo's records are opened: we created them, in a folder that we created. */
import { systemPorts } from '../../host/clock';
import { silentLog } from '../../host/log';
import { nativeLoader } from '../../host/native/nativeSqlite';
import { engineLoader } from '../../host/wasm/sqliteWasm';
import type { KernelDeps } from '../record/kernels';

export function demoKernelDeps(): KernelDeps {
  return {
    engine: engineLoader(),
    native: nativeLoader(true),
    ports: systemPorts,
    log: silentLog,
    trusted: () => true,
    busyTimeoutMs: 5000,
    watch: false,
  };
}
