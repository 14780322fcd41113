/** How the demo's own records are opened: they are made by us, in a folder that we made. */
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
