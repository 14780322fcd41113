import assert from 'node:assert/strict';
import { Emitter, type Disposable } from '../../src/kernel/emitter';

describe('Emitter', () => {
  const failing = (error: unknown): never => {
    throw error;
  };

  it('delivers an event fired inside a listener after the current one has reached everybody', () => {
    const emitter = new Emitter<number>(failing);
    const heard: string[] = [];
    emitter.event((n) => {
      heard.push(`a${n}`);
      if (n === 1) emitter.fire(2);
    });
    emitter.event((n) => heard.push(`b${n}`));
    emitter.fire(1);
    assert.deepEqual(heard, ['a1', 'b1', 'a2', 'b2']);
  });

  it('tells a listener nothing once it is disposed, not even what was fired before', () => {
    const emitter = new Emitter<number>(failing);
    const heard: number[] = [];
    const listening: Disposable[] = [];
    emitter.event(() => listening[0]?.dispose());
    listening.push(emitter.event((n) => heard.push(n)));
    emitter.fire(1);
    assert.deepEqual(heard, []);
    assert.equal(emitter.listenerCount, 1);
  });

  it('does not tell a listener of events fired before it listened', () => {
    const emitter = new Emitter<number>(failing);
    const heard: number[] = [];
    emitter.event((n) => {
      if (n === 1) emitter.event((later) => heard.push(later));
    });
    emitter.fire(1);
    emitter.fire(2);
    assert.deepEqual(heard, [2]);
  });

  it('reports a listener that throws and still tells the others', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const heard: number[] = [];
    const bug = new Error('bug');
    emitter.event(() => failing(bug));
    emitter.event((n) => heard.push(n));
    emitter.fire(1);
    emitter.fire(2);
    assert.deepEqual(errors, [bug, bug]);
    assert.deepEqual(heard, [1, 2]);
  });

  it('is silent after it is disposed', () => {
    const emitter = new Emitter<number>(failing);
    const heard: number[] = [];
    emitter.event((n) => heard.push(n));
    emitter.dispose();
    emitter.fire(1);
    assert.deepEqual(heard, []);
  });
});
