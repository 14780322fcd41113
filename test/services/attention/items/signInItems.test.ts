/** An agent that was not signed in needs a person, until a later dispatch of its kind was recorded. */
import assert from 'node:assert/strict';
import { agentItems, NO_OBSERVATIONS } from '../../../../src/services/attention/items/agentItems';
import { ATTENTION_ACTIONS } from '../../../../src/contract/results/attention';
import { COMMANDS } from '../../../../src/contract/surfaces/commands';
import { ended, PATIENCE_MS, Stage } from '../../../support/dispatch/dispatchFixture';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import type { AgentScript } from '../../../support/sessions/scriptedAgent';
import { scriptedKind } from '../../../support/sessions/scriptedKind';

describe('an agent that is not signed in', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.close());

  it('needs a person until a later dispatch of its kind starts', async () => {
    const kernel = await stage.kernel();
    const run = async (script: AgentScript): Promise<string> => {
      const kind = await scriptedKind(stage.root, script);
      const dispatcher = stage.dispatcher({ sessionHostPath: SESSION_HOST }, [kind]);
      const { id } = await dispatcher.start(kernel, { kind: 'scripted', prompt: 'Do it', agent: 'none' });
      await ended(dispatcher, kernel, id);
      return id;
    };
    const limits = { minutes: 0, attempts: 0 };
    const view = { nowMs: 0, limits, seen: NO_OBSERVATIONS, isQueuedHere: () => true };
    const items = () => kernel.read((r) => agentItems(r, view));
    const dispatchId = await run({ authRequired: true, turns: [[]] });
    const [item, ...others] = items();
    assert.deepEqual(others, []);
    assert.equal(item?.kind, 'agentSignInNeeded');
    assert.equal(item.facts?.['agent'], 'scripted');
    assert.deepEqual(item.ids, { dispatchId, agentKind: 'scripted' });
    const { command } = ATTENTION_ACTIONS[item.action];
    assert.deepEqual(COMMANDS[command].args.safeParse({ folder: '/p', ...item.ids }).error, undefined);
    await run({ turns: [[]] });
    assert.deepEqual(items(), []);
  });
});
