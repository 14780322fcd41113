/** Endings that are being recorded: heavy work waits for them, and one that fails concerns only its follower. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PendingEndings } from '../../../../src/services/dispatch/end/pendingEndings';

describe('endings that are being recorded', () => {
  it('are waited for, whether they are stored or not', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const endings = new PendingEndings();
    const stop = new AbortController();
    const stored = once(stop.signal, 'abort').then(() => Promise.reject(new Error('following stopped')));
    endings.note(stored);
    let isOver = false;
    const recorded = endings.recorded().then(() => (isOver = true));
    await nextTurn();
    assert.equal(isOver, false);
    stop.abort();
    await assert.rejects(stored);
    await recorded;
    // A rejection that nothing handles would end a program without a window.
    await nextTurn();
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
    await endings.recorded();
  });
});
