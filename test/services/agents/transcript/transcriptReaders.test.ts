/** What the readers of transcripts make of recorded logs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { OutputParser } from '../../../../src/contract/agentKinds';
import type { TranscriptEntry } from '../../../../src/contract/transcript';
import { EntryList } from '../../../../src/services/agents/transcript/entries/entryList';
import { textOf as entryText } from '../../../../src/services/agents/transcript/entries/entryText';
import { TRANSCRIPT_READERS } from '../../../../src/services/agents/transcript/readers';
import { asked, decided, SessionLines } from '../../../support/agents/sessionLines';
import { inProject } from '../../../../tools/project';

function entriesOf(parser: OutputParser, lines: readonly string[]): readonly TranscriptEntry[] {
  const list = new EntryList();
  const reader = TRANSCRIPT_READERS[parser](list);
  const entries: TranscriptEntry[] = [];
  for (const line of lines) {
    reader.read(line);
    for (const [index, entry] of list.take()) entries[index] = entry;
  }
  reader.end();
  for (const [index, entry] of list.take()) entries[index] = entry;
  return entries;
}

function textOf(entry: TranscriptEntry | undefined): string {
  return entry === undefined ? '' : entryText(entry);
}

function recorded(name: string): string[] {
  const file = inProject(path.join('test/support/agents/fixtures', name));
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

describe('the reader of a transcript', () => {
  it('finds messages, tool calls with results, and usage in a log of Claude', () => {
    const [session, first, ...rest] = entriesOf('claude', recorded('claudeCommit.jsonl'));
    assert.equal(session?.kind, 'note');
    assert.deepEqual(first, { kind: 'message', by: null, text: 'I will write the file.' });
    const tools = rest.flatMap((entry) => (entry.kind === 'tool' ? [[entry.title, entry.status, entry.output]] : []));
    assert.deepEqual(tools.slice(1), [
      ['cat greeting.txt', 'completed', 'hello'],
      ['cat missing.txt', 'failed', 'Exit code 1\ncat: missing.txt: No such file or directory'],
    ]);
    assert.deepEqual(rest.at(-1), {
      kind: 'usage',
      inputTokens: 1525,
      outputTokens: 69,
      cacheHits: 3200,
      costUsd: 0.008419999999999999,
    });
  });

  it('finds the same in a log of Codex', () => {
    const entries = entriesOf('codex', recorded('codexCommit.jsonl'));
    const tools = entries.flatMap((entry) => (entry.kind === 'tool' ? [[entry.status, entry.output]] : []));
    assert.deepEqual(tools, [
      ['completed', ''],
      ['completed', 'hello'],
      ['failed', 'cat: missing.txt: No such file or directory\nexit code 1'],
    ]);
    assert.deepEqual(entries.at(-2), { kind: 'message', by: null, text: 'The greeting is committed.' });
    assert.equal(entries.at(-1)?.kind, 'usage');
  });

  it('finds prompts, diffs, and who answered in recorded sessions', () => {
    for (const name of ['acpClaude.jsonl', 'acpCodex.jsonl']) {
      const entries = entriesOf('acp', recorded(name));
      const [prompt] = entries.filter(({ kind }) => kind === 'message');
      assert.deepEqual(prompt, { kind: 'message', by: 'task', text: 'Please [[write:/repo/a.txt]]' }, name);
      const [tool] = entries.filter((entry) => entry.kind === 'tool');
      assert.deepEqual(tool?.diffs, [{ path: '/repo/a.txt', oldText: null, newText: 'hello from the script\n' }]);
      const [decision] = entries.filter((entry) => entry.kind === 'decision');
      assert.equal(decision?.answer, 'allow');
      assert.deepEqual(decision.by, { kind: 'person', name: 'Ada' });
    }
    const failed = entriesOf('acp', recorded('acpClaude.jsonl')).find(
      (entry) => entry.kind === 'tool' && entry.status === 'failed',
    );
    // Without the block of Markdown in which it came.
    assert.equal(
      failed?.kind === 'tool' && failed.output,
      "Exit code 2\nls: cannot access '/nowhere': No such file or directory",
    );
  });

  it('makes no more of a recorded log than its lines hold', () => {
    for (const parser of ['claude', 'codex'] as const) {
      for (const name of ['Broken', 'Commit', 'RateLimited', 'Retried', 'Stopped', 'Unauthorized']) {
        const entries = entriesOf(parser, recorded(`${parser}${name}.jsonl`));
        assert.ok(entries.length > 0);
        for (const entry of entries) assert.doesNotMatch(textOf(entry), /^\{"/, `${parser}${name}`);
      }
    }
  });

  it('joins chunks to messages and thoughts, and updates to calls and the plan', () => {
    const lines = new SessionLines().opened('none').turn();
    lines.update('agent_thought_chunk', { content: { type: 'text', text: 'Which' } });
    lines.update('agent_thought_chunk', { content: { type: 'text', text: ' file?' } });
    lines.says('I will').says(' read.');
    const step = (status: string) => ({ entries: [{ content: 'Read', priority: 'high', status }] });
    lines.update('plan', step('pending'));
    lines.update('tool_call', { toolCallId: 'a', title: 'Read a.ts', kind: 'read', status: 'pending' });
    lines.update('tool_call', { toolCallId: 'b', title: 'Run `npm test`', kind: 'execute', status: 'pending' });
    lines.add('asked', asked(1)).update('tool_call_update', { toolCallId: 'a', status: 'completed' });
    lines.add('decided', decided(1, 'deny', { kind: 'rule', number: 2 }, 'Too slow.'));
    lines.update('plan', step('completed')).ended(null, { stopReason: 'cancelled' });
    assert.deepEqual(entriesOf('acp', lines.lines).slice(2), [
      { kind: 'thought', text: 'Which file?' },
      { kind: 'message', by: null, text: 'I will read.' },
      { kind: 'plan', steps: [{ text: 'Read', status: 'completed' }] },
      { kind: 'tool', title: 'Read a.ts', status: 'completed', paths: [], output: '', diffs: [] },
      { kind: 'tool', title: 'Run `npm test`', status: 'canceled', paths: [], output: '', diffs: [] },
      {
        kind: 'decision',
        number: 1,
        title: 'Run `npm test`',
        details: [],
        answer: 'deny',
        by: { kind: 'rule', name: '2' },
        reason: 'Too slow.',
      },
      {
        kind: 'note',
        tone: 'info',
        text: 'turn 1 ended · canceled',
        about: { kind: 'turnEnded', turn: 1, reason: 'canceled' },
      },
    ]);
  });

  it('has what the host of a session noted as facts, for any language', () => {
    const lines = new SessionLines().opened('none').turn().add('skipped', { bytes: 7 });
    lines.add('command', { kind: 'pause', by: 'Ada', outcome: 'done' });
    lines.add('command', { kind: 'x.json', by: '', outcome: 'refused', problem: 'it is not valid' });
    const notes = entriesOf('acp', lines.lines).flatMap((entry) => (entry.kind === 'note' ? [entry] : []));
    assert.deepEqual(
      notes.slice(1).map(({ text, about }) => [text, about]),
      [
        ['a line of 7 bytes is not shown', { kind: 'skipped', bytes: 7 }],
        ['pause by Ada', { kind: 'command', command: 'pause', by: 'Ada', problem: null }],
        [
          'x.json · refused · it is not valid',
          { kind: 'command', command: 'x.json', by: '', problem: 'it is not valid' },
        ],
      ],
    );
    const opened = notes[0]?.about;
    assert.ok(opened?.kind === 'opened');
    assert.equal(notes[0]?.text, ['session', ...opened.details].join(' · '));
  });

  it('leaves out what an agent repeats of a loaded session', () => {
    const lines = new SessionLines().opened('none').add('replaying', { isOn: true });
    lines.says('Before.').add('replaying', { isOn: false }).turn().says('Now.');
    const texts = entriesOf('acp', lines.lines).map(textOf);
    assert.ok(!texts.some((text) => text.includes('Before.')));
    assert.equal(texts.at(-1)?.trim(), 'Now.');
  });

  it('shows plans and changes of files of one-shot agents', () => {
    const use = (name: string, input: object) =>
      JSON.stringify({ type: 'assistant', message: { content: [{ type: 'tool_use', id: name, name, input }] } });
    const claude = entriesOf('claude', [
      use('TodoWrite', { todos: [{ content: 'Read', status: 'in_progress' }] }),
      use('Edit', { file_path: '/r/a.ts', old_string: 'a', new_string: 'b' }),
    ]);
    assert.deepEqual(claude[0], { kind: 'plan', steps: [{ text: 'Read', status: 'inProgress' }] });
    const [, edit] = claude;
    assert.ok(edit?.kind === 'tool');
    assert.equal(edit.status, 'unfinished');
    assert.deepEqual(edit.diffs, [{ path: '/r/a.ts', oldText: 'a', newText: 'b' }]);
    const item = { id: '1', type: 'todo_list', items: [{ text: 'Read', completed: true }] };
    assert.deepEqual(entriesOf('codex', [JSON.stringify({ type: 'item.updated', item })]), [
      { kind: 'plan', steps: [{ text: 'Read', status: 'completed' }] },
    ]);
  });

  it('shows unknown lines as they are, together', () => {
    for (const parser of ['claude', 'codex', 'plain', 'acp'] as const) {
      assert.deepEqual(entriesOf(parser, ['{"type":"news"}', '\u001b[31mred\u001b[0m', '']), [
        { kind: 'note', tone: 'output', text: '{"type":"news"}\nred\n' },
      ]);
    }
  });

  it('bounds each text', () => {
    const text = 'x'.repeat(300_000);
    const lines = new SessionLines().opened('none').turn().says(text).says(text);
    lines.update('tool_call', {
      toolCallId: 'a',
      title: text,
      content: [
        { type: 'content', content: { type: 'text', text } },
        { type: 'diff', path: text, oldText: text, newText: text },
      ],
    });
    lines.update('plan', { entries: Array.from({ length: 5000 }, () => ({ content: 'y'.repeat(600) })) });
    const entries = entriesOf('acp', lines.lines);
    assert.ok(JSON.stringify(entries).length < 500_000);
    assert.match(textOf(entries[2]), /… \(500000 more characters\)$/);
  });
});
