/** The thread in which a window's native library writes, so that a slow disk does not block the editor. */
import { parentPort } from 'node:worker_threads';
import type { NativeRequest } from './messages';
import { NativeSessions } from './sessions';
import { nativeModule } from './sqliteModule';

interface Numbered {
  readonly number: number;
  readonly request: NativeRequest;
}

const module_ = nativeModule();
if (module_ === undefined) throw new Error('this runtime has no SQLite');
const sessions = new NativeSessions(module_);

parentPort?.on('message', ({ number, request }: Numbered) => {
  parentPort?.postMessage({ number, answer: sessions.answer(request) });
});
