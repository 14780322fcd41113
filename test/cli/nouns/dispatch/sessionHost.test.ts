/** Sessions from a shell with their real host: `ic dispatch spawn`, `answer`, and `continue`. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { writeAgentKinds } from '../../../../src/host/state/agentKindsFile';
import { IcProject } from '../../../support/records/icProject';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { until } from '../../../support/until';

describe('a session that ic started', function () {
  this.timeout(60_000);
  let project: IcProject;

  beforeEach(async () => {
    project = await IcProject.open();
    await project.write('task.md', 'Do it');
  });
  afterEach(() => project.close());

  it('waits for an answer, and continues in a dispatch of its own', async () => {
    const kinds = project.at('kinds.json');
    const ask = { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } };
    const turns = [[{ ask, writes: project.at('ran') }]];
    await writeAgentKinds(kinds, [await scriptedKind(project.folder, { turns })]);
    const ic = async (...line: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await project.run(line, { env: { INTERCORE_AGENT_KINDS: kinds } });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const answered = async (id: string): Promise<void> => {
      await until(
        () => ic('needs'),
        (needs) => needs.includes(`${id} 1`),
      );
      await ic('dispatch', 'answer', id, '1', 'allow');
      await ic('dispatch', 'wait', id, '--poll=50ms');
    };

    const first = await ic('dispatch', 'spawn', '--type=scripted', '--prompt-file=task.md');
    await answered(first);
    assert.equal(existsSync(project.at('ran')), true);

    const printed = await ic('dispatch', 'continue', first, 'Now the tests.', '--json');
    const second = z.string().parse(JSON.parse(printed));
    await answered(second);
    assert.deepEqual(await project.rows(`SELECT status FROM dispatches WHERE id = '${first}'`), ['completed']);
    const columns = 'agent_type, status, parent_id';
    const rows = await project.rows(`SELECT ${columns} FROM dispatches WHERE id = '${second}'`);
    assert.deepEqual(rows, [`scripted|completed|${first}`]);
    const journal = await readFile(project.at('scripted-journal'), 'utf8');
    assert.ok(journal.includes('"session/resume"'));
    assert.ok(journal.includes('"text":"Now the tests."'));
  });
});
