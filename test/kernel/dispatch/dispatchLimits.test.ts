import { setState } from '../../../src/kernel/state/service';
import { dispatchVerbs } from '../../support/dispatch/dispatches';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { defined } from '../../../src/kernel/defined';

describe('dispatches', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { create, run, end, newRun, refuses } = dispatchVerbs(() => kernel);

  describe('in a portfolio', () => {
    /** A portfolio with two children as rows of this database. */
    const portfolio = (limit: number): { id: string; children: [string, string] } => {
      const [id, a, b] = [newRun(), newRun(), newRun()];
      kernel.exec(`UPDATE runs SET project_dir = '', max_dispatches = ${limit} WHERE id = '${id}'`);
      kernel.exec(`UPDATE runs SET parent_run_id = '${id}' WHERE id IN ('${a}', '${b}')`);
      return { id, children: [a, b] };
    };
    const relayed = (scopeId: string, payload: string, ttlSec?: number): void =>
      kernel.write((u) => setState(u, { key: 'active-dispatch-count', scopeId, payload, ...defined({ ttlSec }) }));

    it('are limited over all children, counted exactly', () => {
      const { children } = portfolio(2);
      const first = create({ scopeId: children[0] }).id;
      const second = create({ scopeId: children[1] }).id;
      run(second);
      refuses(() => create({ scopeId: children[0] }), 'DISPATCH_LIMIT');
      end(first, { status: 'completed' });
      create({ scopeId: children[0] });
      refuses(() => create({ scopeId: children[1] }), 'DISPATCH_LIMIT');
    });

    it('are limited by what the relay counted in the children’s own databases', () => {
      const { id, children } = portfolio(2);
      relayed(id, '"2"');
      refuses(() => create({ scopeId: children[0] }), 'DISPATCH_LIMIT');
      relayed(id, '"1"');
      create({ scopeId: children[0] });
      create({ scopeId: children[0] });
      refuses(() => create({ scopeId: children[0] }), 'DISPATCH_LIMIT');
    });

    it('are not limited by a count that is unreadable or has expired', () => {
      const { id, children } = portfolio(1);
      for (const payload of ['5', '"many"', '{}', '"1.5"']) {
        relayed(id, payload);
        end(create({ scopeId: children[0] }).id, { status: 'failed' });
      }
      relayed(id, '"5"', 1);
      kernel.clock.advance(1);
      create({ scopeId: children[0] });
    });

    it('are not limited where the limit is 0, for the portfolio’s own scope, nor outside it', () => {
      const unlimited = portfolio(0);
      for (let n = 0; n < 3; n += 1) create({ scopeId: unlimited.children[0] });
      const full = portfolio(1);
      create({ scopeId: full.children[0] });
      create({ scopeId: full.id });
      create({ scopeId: unlimited.children[0] });
      create();
    });
  });
});
