/** The log of a session in readable text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LogText } from '../../../../src/services/agents/logText';
import { asked, decided, SessionLines } from '../../../support/agents/sessionLines';
import { inProject } from '../../../../tools/project';

describe('the log of a session in readable text', () => {
  it('has messages, thoughts, tool calls, the plan, decisions, and ends of turns', () => {
    const lines = new SessionLines().opened('none').turn();
    lines.update('agent_thought_chunk', { content: { type: 'text', text: 'Which file' } });
    lines.update('agent_thought_chunk', { content: { type: 'text', text: ' is it?\nThis one.' } });
    lines.says('I will read').says(' a.ts.\n\n\n\nThen I w').says('ill test.\n');
    lines.update('plan', {
      entries: [
        { content: 'Read', priority: 'high', status: 'in_progress' },
        { content: 'Test', priority: 'low', status: 'pending' },
      ],
    });
    lines.update('tool_call', { toolCallId: 'a', title: 'Read a.ts', kind: 'read', status: 'pending' });
    lines.update('tool_call_update', { toolCallId: 'a', status: 'completed' });
    // The first word of a call may be its end.
    lines.update('tool_call_update', {
      toolCallId: 'b',
      title: 'Read b.ts',
      status: 'failed',
      content: [{ type: 'content', content: { type: 'text', text: 'no such file' } }],
    });
    lines.update('plan', {
      entries: [
        { content: 'Read', priority: 'high', status: 'completed' },
        { content: 'Test', priority: 'low', status: 'pending' },
      ],
    });
    lines.update('tool_call', { toolCallId: 'c', title: 'Run `npm test`', kind: 'execute', status: 'pending' });
    lines.add('asked', asked(1)).add('decided', decided(1, 'deny', { kind: 'person', name: 'Ada' }, 'Too slow.'));
    lines.ended(null, { stopReason: 'cancelled' });
    lines
      .turn({ by: 'Ada', text: 'Test a.ts only.' })
      .says('No')
      .ended(null, {
        stopReason: null,
        error: { code: -32000, message: 'Authentication required' },
      });
    assert.deepEqual(lines.text().split('\n'), [
      '── session · Some Agent 1.2.3 · ses_1 · default',
      '',
      '── turn 1',
      '',
      '~ Which file is it?',
      '~ This one.',
      '',
      'I will read a.ts.',
      '',
      '',
      'Then I will test.',
      '',
      '- [~] Read',
      '- [ ] Test',
      '',
      '> Read a.ts · completed',
      '> Read b.ts · failed',
      '! no such file',
      '',
      '- [x] Read',
      '',
      '? permission request 1: Run `npm test`',
      '',
      '── request 1 denied by Ada · Too slow.',
      '> Run `npm test` · canceled',
      '',
      '── turn 1 ended · canceled',
      '',
      '── turn 2 · Ada',
      '  Test a.ts only.',
      '',
      'No',
      '',
      '── turn 2 ended',
      '! Authentication required',
    ]);
  });

  it('says who decided about a request, and where it reaches outside', () => {
    const lines = new SessionLines();
    const outside = { path: '/etc/hosts', isInside: false };
    lines.add('asked', asked(1, { title: 'Edit', command: 'tee /etc/hosts', paths: [outside] }));
    lines.add('decided', decided(1, 'allow', { kind: 'rule', number: 2 }));
    lines.add('decided', decided(2, 'allow', { kind: 'policy', policy: 'freeInside' }));
    lines.add('decided', decided(3, 'cancelled', { kind: 'turn' }));
    lines.add('asked', {
      request: {
        kind: 'question',
        number: 4,
        askedAtMs: 1,
        title: 'Which color?',
        fields: [{ name: 'c', title: 'Color', kind: 'text', isRequired: true }],
      },
    });
    lines.add('decided', decided(4, 'accept', { kind: 'person', name: 'Ada' }));
    const shown = lines
      .text()
      .split('\n')
      .filter((line) => line !== '');
    assert.deepEqual(shown, [
      '? permission request 1: Edit',
      '  $ tee /etc/hosts',
      '  outside the worktree: /etc/hosts',
      '── request 1 allowed by rule 2',
      '── request 2 allowed by the policy freeInside',
      '── request 3 canceled by the end of the turn',
      '? question 4: Which color?',
      '  Color',
      '── request 4 answered by Ada',
    ]);
  });

  it('shows commands of people, lines that were too long, and what was printed', () => {
    const lines = new SessionLines().add('command', { kind: 'pause', by: 'Ada', outcome: 'done' });
    lines.add('command', { kind: 'say', by: 'Ada', outcome: 'refused', problem: 'the session has ended' });
    lines.add('skipped', { bytes: 104_857_600 }).add('stderr', { text: '\u001b[31mwarning\u001b[0m' });
    const shown = lines
      .text()
      .split('\n')
      .filter((line) => line !== '');
    assert.deepEqual(shown, [
      '── pause by Ada',
      '── say by Ada · refused · the session has ended',
      '── a line of 104857600 bytes is not shown',
      'warning',
    ]);
  });

  it('says that a session was not opened, and why', () => {
    const error = { code: -32000, message: 'Authentication required' };
    const lines = new SessionLines().ended(null, { stopReason: null, error });
    assert.equal(lines.text(), '── the session was not opened\n! Authentication required');
  });

  it('shows the message that was interrupted when the log ends', () => {
    const text = new LogText('acp');
    const [line = ''] = new SessionLines().says('Half a mess').lines;
    assert.deepEqual(text.render(line), []);
    assert.deepEqual(text.end(), ['', 'Half a mess']);
    assert.deepEqual(text.end(), []);
  });

  it('shows nothing of the history that an agent repeats', () => {
    const lines = new SessionLines().add('replaying', { isOn: true }).says('Old.');
    lines.update('tool_call', { toolCallId: 'a', title: 'Old call', status: 'completed' });
    lines.update('plan', { entries: [{ content: 'Old step' }] }).add('replaying', { isOn: false });
    assert.equal(lines.text(), '');
  });

  it('shows a plan whole only when its steps change', () => {
    const entries = (...statuses: readonly string[]) => ({
      entries: statuses.map((status, index) => ({ content: `Step ${index}`, status })),
    });
    const lines = new SessionLines().update('plan', entries('pending', 'pending'));
    lines.update('plan', entries('completed', 'pending')).update('plan', entries('completed', 'pending'));
    lines.update('plan', entries('completed', 'pending', 'pending'));
    const shown = lines
      .text()
      .split('\n')
      .filter((line) => line !== '');
    assert.deepEqual(shown, [
      '- [ ] Step 0',
      '- [ ] Step 1',
      '- [x] Step 0',
      '- [x] Step 0',
      '- [ ] Step 1',
      '- [ ] Step 2',
    ]);
  });
});

describe('the recorded session of an adapter', () => {
  const recorded = (name: string): SessionLines => {
    const lines = new SessionLines();
    const file = inProject(path.join('test/support/agents/fixtures', name));
    lines.lines.push(...readFileSync(file, 'utf8').trimEnd().split('\n'));
    return lines;
  };
  const shownOf = (lines: SessionLines): string[] =>
    lines
      .text()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('['));

  it('is read to the last line for Claude, with the tokens of all its requests', () => {
    const lines = recorded('acpClaude.jsonl');
    assert.deepEqual(shownOf(lines), [
      '── mode · default',
      '── session · @agentclientprotocol/claude-agent-acp 0.101.0 · ae0179ed-138a-4fb9-8211-cc332f2ba7e8 · default',
      '── turn 1',
      '? permission request 1: Write a.txt',
      '── request 1 allowed by Ada',
      '> Write a.txt · completed',
      'finished write',
      '── turn 1 ended',
      '── turn 2',
      '? permission request 2: ls /nowhere',
      '── request 2 allowed by Ada',
      '> ls /nowhere · failed',
      '! Exit code 2',
      "! ls: cannot access '/nowhere': No such file or directory",
      'finished bash',
      '── turn 2 ended',
    ]);
    const { report, drift } = lines.read();
    const { turns, commands, messages, inputTokens, outputTokens, cacheHits, costUsd } = report;
    assert.deepEqual(
      { turns, commands, messages, inputTokens, outputTokens, cacheHits, drift: [...drift] },
      { turns: 2, commands: 2, messages: 2, inputTokens: 6300, outputTokens: 240, cacheHits: 1200, drift: [] },
    );
    assert.equal(costUsd?.toFixed(5), '0.03054');
  });

  it('is read to the last line for Codex', () => {
    const lines = recorded('acpCodex.jsonl');
    assert.deepEqual(shownOf(lines), [
      '── session · @agentclientprotocol/codex-acp 2.6.0 · 01a22bfe-2ece-74c3-b3d1-965bb0395fe1 · read-only',
      '── turn 1',
      '? permission request 1: Edit files',
      '── request 1 allowed by Ada',
      '> Editing files /repo/a.txt · completed',
      'finished write',
      '── turn 1 ended',
      '── turn 2',
      "> List files in 'nowhere' · failed",
      'finished bash',
      '── turn 2 ended',
    ]);
    const { report, drift } = lines.read();
    const { turns, commands, messages, inputTokens, outputTokens, cacheHits } = report;
    assert.deepEqual(
      { turns, commands, messages, inputTokens, outputTokens, cacheHits, drift: [...drift] },
      { turns: 2, commands: 2, messages: 2, inputTokens: 4000, outputTokens: 160, cacheHits: 800, drift: [] },
    );
  });
});
