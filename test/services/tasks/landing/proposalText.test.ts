/** Title and body of a pull request, whatever people and agents wrote. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fenceAfter } from '../../../../src/kernel/tasks/subtask/body';
import type { Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { proposalBody, proposalTitle, type ProposalFacts } from '../../../../src/services/tasks/landing/proposalText';
import { openTestKernel } from '../../../support/records/kernel';
import { planned } from '../../../support/tasks/taskRecord';

describe('the text of a pull request', () => {
  let task: Task;
  let subtask: Subtask;

  before(async () => {
    const kernel = await openTestKernel();
    const made = kernel.write((u) => planned(u, { 'Count parcels': [] }));
    task = made.task;
    subtask = made.subtasks['Count parcels'] ?? assert.fail('no subtask');
  });

  function facts(changes: Partial<Subtask>, others: Partial<ProposalFacts> = {}): ProposalFacts {
    return { task, subtask: { ...subtask, ...changes }, commits: [], dependencies: [], ...others };
  }

  it('names the changed files that decide the checks', () => {
    const body = proposalBody(facts({ decidingFiles: ['check.sh', 'a*b\n.yml'] }));
    assert.match(
      body,
      /## Changed checks\n\nThis branch changes files that its checks depend on:\n\n- check\.sh\n- a\\\*b \.yml\n/,
    );
    assert.doesNotMatch(proposalBody(facts({})), /Changed checks/);
  });

  it('names the task and the number of the part, and holds every section', () => {
    const commits = [{ sha: '0123456789abcdef', subject: 'Count *all* parcels' }];
    const dependencies = [
      { ...subtask, number: 7, title: 'Ground <b>', prUrl: null },
      { ...subtask, prUrl: 'https://github.com/octo/parcels/pull/3' },
    ];
    const whole = facts({ spec: 'Count them.', acceptanceCriteria: '- all are counted' }, { commits, dependencies });
    assert.equal(proposalTitle(whole), `[IC-${task.id}.1] Count parcels`);
    assert.equal(
      proposalBody(whole),
      [
        '## Summary\n\nCount them.\n\n## Acceptance criteria\n\n- all are counted\n',
        '\n## Commits\n\n- 01234567 Count \\*all\\* parcels\n',
        `\n## Depends on\n\n- IC-${task.id}.7 Ground \\<b\\>\n- https://github.com/octo/parcels/pull/3\n`,
        `\n---\n\nIC-${task.id}.1, part 1 of “Tell people when their parcel is late”.\n`,
      ].join(''),
    );
  });

  it('fits, stays readable and closes what it opens, for any text (property)', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('```', '~~~~', '\n', '````\n', '\u001b[2J', '\u202e', ' ghp_abcdefghijklmnopqrst ', '<!--'),
      fc.integer({ min: 1, max: 40_000 }).map((length) => '😀x'.repeat(length)),
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const commits = fc
      .array(text, { maxLength: 3 })
      .map((list) => list.map((subject) => ({ sha: 'a'.repeat(40), subject })));
    fc.assert(
      fc.property(text, text, text, commits, (title, spec, acceptanceCriteria, list) => {
        const all = facts({ title, spec, acceptanceCriteria }, { commits: list });
        const [heading, body] = [proposalTitle(all), proposalBody(all)];
        assert.ok(heading.length <= 256 && !/[\n\r]/.test(heading));
        assert.ok(body.length <= 65_536, String(body.length));
        assert.ok(body.endsWith(`---\n\nIC-${task.id}.1, part 1 of “Tell people when their parcel is late”.\n`));
        const open = body.split('\n').reduce<string | undefined>((fence, line) => fenceAfter(line, fence), undefined);
        assert.equal(open, undefined, 'every fence is closed');
        for (const shown of [heading, body]) assert.equal(/[^\P{Cc}\n\t]|\u202e|ghp_abcd/u.test(shown), false);
        assert.equal(/\p{Surrogate}/u.test(heading + body), false);
      }),
      { numRuns: 100 },
    );
  });

  it('takes a text that is all fences', () => {
    const body = proposalBody(facts({ spec: '```\n'.repeat(250_000), acceptanceCriteria: '~~~~~~'.repeat(150_000) }));
    assert.ok(body.length <= 65_536);
  });

  it('shows the latest hundred of very many commits', () => {
    const commits = Array.from({ length: 150 }, (_, index) => ({
      sha: `${index}`.padStart(40, '0'),
      subject: `c${index}`,
    }));
    const body = proposalBody(facts({}, { commits }));
    assert.match(body, /- … and 50 before\n- 00000000 c50\n/);
    assert.match(body, / c149\n/);
  });
});
