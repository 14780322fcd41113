/** The kind that a folder keeps: that of its first dispatch that had the default kind. */
import assert from 'node:assert/strict';
import { firstDefaultKind, recordProcess } from '../../../src/kernel/dispatch/service';
import { dispatchVerbs, PROCESS } from '../../support/dispatch/dispatches';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';

describe('the first dispatch that had the default kind', () => {
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await openTestKernel();
  });
  const { create, run } = dispatchVerbs(() => kernel);

  /** As a start records it; null: as an earlier version did. */
  const started = (agentType: string, byDefault: 0 | 1 | null): void => {
    run(create({ agentType }).id, { byDefault });
  };
  const kept = (): string | undefined => kernel.read((r) => firstDefaultKind(r, ['new', 'old'], 'old'));

  it('is none in an empty record', () => assert.equal(kept(), undefined));

  it('decides, and later ones do not', () => {
    started('new', 1);
    started('old', 1);
    assert.equal(kept(), 'new');
  });

  it('is not one of another kind than was the default', () => {
    started('new', 0);
    started('old', 0);
    assert.equal(kept(), undefined);
    started('old', 1);
    assert.equal(kept(), 'old');
  });

  it('is not one of a kind that cannot be chosen, whatever the record says', () => {
    started('shell', 1);
    assert.equal(kept(), undefined);
    started('new', 1);
    assert.equal(kept(), 'new');
  });

  it('is the first of the earlier default, where an earlier version recorded it', () => {
    started('new', null);
    assert.equal(kept(), undefined, 'a person had named it');
    started('old', null);
    started('new', 1);
    assert.equal(kept(), 'old');
  });

  it('is not one that never ran', () => {
    create({ agentType: 'old' });
    assert.equal(kept(), undefined);
  });

  it('keeps what the program knew that started it, where another one recorded the process first', () => {
    const { id } = create({ agentType: 'new' });
    run(id);
    assert.equal(kept(), undefined);
    kernel.write((u) => recordProcess(u, id, { ...PROCESS, byDefault: 1 }));
    assert.equal(kept(), 'new');
  });
});
