/** The log of a session: what is counted, and what is shown of it. */
import assert from 'node:assert/strict';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { LineCutter } from '../../../src/services/agents/output/lines';
import { LogText } from '../../../src/services/agents/logText';
import { agentFailure } from '../../../src/services/failures/agentFailure';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { SessionLines } from '../../support/agents/sessionLines';

const KIND: AgentKind = { name: 'k', command: 'c', args: [], protocol: 'acp', promptBy: 'stdin', parser: 'acp' };

/** A permission request of the host. */
const asked = (number: number, fields: object = {}) => ({
  request: {
    kind: 'permission',
    number,
    askedAtMs: 1,
    title: 'Run `npm test`',
    tool: 'execute',
    paths: [],
    diffs: [],
    mayAllow: true,
    mayDeny: true,
    ...fields,
  },
});

const decided = (number: number, answer: string, by: object, reason: string | null = null) => ({
  number,
  answer,
  by,
  option: 'allow-once',
  reason,
});

function classOf(lines: SessionLines, exitCode = 1) {
  const { report, otherLines } = lines.read();
  return agentFailure({ kind: KIND, report, otherLines, exitCode, endedAtMs: 1 }).class;
}

describe('the report of a session', () => {
  it('has the session, the version, turns, tool calls, messages, and the last message', () => {
    const lines = new SessionLines().opened('none').turn().says('I will ').says('look.');
    lines.update('tool_call', { toolCallId: 'a', title: 'Read a.ts', kind: 'read', status: 'pending' });
    lines.update('tool_call_update', { toolCallId: 'a', status: 'completed' });
    lines.update('agent_thought_chunk', { content: { type: 'text', text: 'Hm.' } });
    lines.says('Done').says('.\n--- VERDICT ---\nSTATUS: pass\n---').ended(null);
    const { sessionId, version, turns, commands, messages, finalMessage, failure } = lines.report();
    assert.deepEqual(
      { sessionId, version, turns, commands, messages, finalMessage, failure },
      {
        sessionId: 'ses_1',
        version: '1.2.3',
        turns: 1,
        commands: 1,
        messages: 2,
        finalMessage: 'Done.\n--- VERDICT ---\nSTATUS: pass\n---',
        failure: undefined,
      },
    );
  });

  it('has one message for the chunks of one id, whatever comes between them', () => {
    const lines = new SessionLines().opened('none').turn().says('One ', { messageId: 'm1' });
    lines
      .update('tool_call', { toolCallId: 'a' })
      .says('message.', { messageId: 'm1' })
      .says('Two.', { messageId: 'm2' });
    const { messages, finalMessage } = lines.report();
    assert.deepEqual({ messages, finalMessage }, { messages: 2, finalMessage: 'Two.' });
  });

  it('counts nothing of the history that an agent repeats', () => {
    const lines = new SessionLines().add('replaying', { isOn: true }).says('Old.');
    lines.update('tool_call', { toolCallId: 'a', title: 'Old call' }).add('replaying', { isOn: false });
    const { messages, commands, finalMessage } = lines.opened('none', { how: 'load' }).report();
    assert.deepEqual({ messages, commands, finalMessage }, { messages: 0, commands: 0, finalMessage: undefined });
  });

  it('is the same object until something changes', () => {
    const lines = new SessionLines().opened('none').turn().says('Hello.');
    const reader = lines.read();
    const { report } = reader;
    assert.equal(reader.report, report);
    const [quiet = ''] = new SessionLines().update('available_commands_update', { availableCommands: [] }).lines;
    reader.read(quiet);
    assert.equal(reader.report, report);
    const [said = ''] = new SessionLines().says(' More.').lines;
    reader.read(said);
    assert.equal(reader.report.finalMessage, 'Hello. More.');
  });

  it('keeps what the agent printed besides messages, for its failure', () => {
    const lines = new SessionLines().add('printed', { text: 'npm warn' }).add('stderr', { text: 'ECONNREFUSED' });
    assert.deepEqual(lines.read().otherLines, ['npm warn', 'ECONNREFUSED']);
    assert.equal(classOf(lines), 'network');
  });
});

describe('the failure of a session', () => {
  for (const [stopReason, expected] of [
    ['refusal', 'modelRefused'],
    ['max_tokens', 'workNotDone'],
    ['max_turn_requests', 'workNotDone'],
  ] as const) {
    it(`is a turn that ended with ${stopReason}`, () => {
      const lines = new SessionLines().opened('none').turn().ended(null, { stopReason });
      assert.equal(lines.report().failureCode, stopReason);
      assert.equal(classOf(lines), expected);
    });
  }

  for (const [code, message, expected] of [
    [-32000, 'Authentication required', 'signIn'],
    [-32002, 'Resource not found', 'sessionLost'],
    [-32603, 'Internal error: No previous sessions found for this project.', 'sessionLost'],
    [-32603, "Internal error: You've hit your usage limit. Try again at 3pm.", 'usageLimit'],
    [-32603, 'Internal error: API Error: 529 Overloaded', 'overload'],
    [429, 'Resource has been exhausted', 'rateLimit'],
    [401, 'API key not valid', 'signIn'],
    [503, 'The model is not available now', 'overload'],
    [-32603, 'fetch failed', 'network'],
    [-32603, 'Something went wrong', 'workNotDone'],
  ] as const) {
    it(`is an error of class ${expected}: ${code} ${message}`, () => {
      const lines = new SessionLines()
        .opened('none')
        .turn()
        .ended(null, { stopReason: null, error: { code, message } });
      assert.equal(classOf(lines), expected);
    });
  }

  it('is read from the details of an error that says nothing', () => {
    const error = { code: -32603, message: 'Internal error' };
    const lines = new SessionLines().opened('none').turn();
    lines.received({ id: 4, error: { ...error, data: { details: 'unexpected status 401 Unauthorized' } } });
    lines.ended(null, { stopReason: null, error });
    assert.equal(lines.report().failure, 'Internal error: unexpected status 401 Unauthorized');
    assert.equal(classOf(lines), 'signIn');
  });

  it('is one that the agent answered before it had a session', () => {
    const error = { code: -32000, message: 'Authentication required', data: null };
    const lines = new SessionLines().received({ id: 2, error });
    assert.deepEqual(
      { failure: lines.report().failure, failureClass: classOf(lines) },
      { failure: 'Authentication required', failureClass: 'signIn' },
    );
  });

  it('is forgotten once a session opens or a turn starts', () => {
    const error = { code: -32002, message: 'no session' };
    const lines = new SessionLines().received({ id: 2, error }).opened('none');
    assert.equal(lines.report().failure, undefined);
    lines.turn().ended(null, { stopReason: null, error: { code: -32603, message: 'usage limit reached' } });
    assert.equal(lines.report().failure, 'usage limit reached');
    const { failure, failureCode } = lines.turn().ended(null).report();
    assert.deepEqual({ failure, failureCode }, { failure: undefined, failureCode: undefined });
  });

  it('is no canceled turn', () => {
    const lines = new SessionLines().opened('none').turn().ended(null, { stopReason: 'cancelled' });
    assert.equal(lines.report().failure, undefined);
  });
});

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

describe('a session log that is not as declared', () => {
  it('keeps unknown kinds silent, as drift', () => {
    const lines = new SessionLines().update('brand_new', { x: 1 }).update('tool_call', { title: 'no id' });
    lines.received({ id: 1, method: 'craft/drain', params: {} }).received({ method: '_own/thing' }).received({});
    lines.received({ method: 'session/update', params: { update: {} } }).add('future', { x: 1 });
    const { drift, report } = lines.read();
    assert.deepEqual(
      [...drift],
      [
        ['session/update: brand_new', 1],
        ['tool_call: no id', 1],
        ['method: craft/drain', 1],
        ['message: no method and no id', 1],
        ['session/update: no kind', 1],
        ['line: future', 1],
      ],
    );
    assert.equal(report.messages, 0);
    assert.equal(lines.text(), lines.lines.at(-1));
  });

  it('takes calls without titles, kinds, or known states', () => {
    const lines = new SessionLines().opened('none').turn();
    lines.update('tool_call', { toolCallId: 'a', title: null, kind: 'juggle', status: 'dancing', content: 'x' });
    lines.update('tool_call_update', { toolCallId: 'a', status: 'completed' });
    lines.update('tool_call_update', { toolCallId: 'a', status: 'completed' });
    lines.update('tool_call', { toolCallId: 'b', kind: 'edit', locations: [{ path: '/w/a.ts' }, 5] });
    lines.update('tool_call_update', { toolCallId: 'b', status: 'completed' }).ended(null, { stopReason: 'brand_new' });
    const shown = lines
      .text()
      .split('\n')
      .filter((line) => line.startsWith('>') || line.includes('ended'));
    assert.deepEqual(shown, ['> other · completed', '> edit /w/a.ts · completed', '── turn 1 ended · brand new']);
    const { commands, failure } = lines.report();
    assert.deepEqual({ commands, failure }, { commands: 2, failure: undefined });
  });

  it('reads a request whose lists were too long to keep', () => {
    const { request } = asked(7);
    const { paths: _, diffs: __, ...rest } = request;
    assert.match(new SessionLines().add('asked', { request: rest }).text(), /permission request 7/);
  });

  it('keeps the end of a call whose line is longer than a reader keeps', () => {
    const diff = { type: 'diff', path: '/w/a.ts', oldText: 'o'.repeat(3_000_000), newText: 'n'.repeat(3_000_000) };
    const lines = new SessionLines().opened('none').turn();
    lines.update('tool_call_update', { toolCallId: 'a', title: 'Edit a.ts', content: [diff], status: 'completed' });
    lines.add('asked', asked(1, { title: 'Edit a.ts', diffs: [{ ...diff, isCut: false }] }));
    const read: string[] = [];
    const cutter = new LineCutter((line) => read.push(line), { shortensJson: true });
    cutter.push(Buffer.from(`${lines.lines.join('\n')}\n`));
    lines.lines.splice(0, Infinity, ...read);
    assert.match(lines.text(), /> Edit a\.ts · completed\n\n\? permission request 1: Edit a\.ts$/);
    assert.equal(lines.report().commands, 1);
  });

  const huge = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ content: `s${index}`, status: 'pending' }));
  const HOSTILE: readonly (readonly [what: string, () => SessionLines])[] = [
    [
      'a plan of 20,000 steps, 10 times',
      () => repeated(10, (lines) => lines.update('plan', { entries: huge(20_000) })),
    ],
    ['50,000 chunks without a line end', () => repeated(50_000, (lines) => lines.says('word '))],
    [
      '20,000 calls that never end',
      () => repeated(20_000, (lines, index) => lines.update('tool_call', { toolCallId: `c${index}`, title: 't' })),
    ],
    ['a title of a megabyte of spaces', () => repeated(20, (lines, index) => lines.update('tool_call', blank(index)))],
    ['200,000 line ends in a chunk, 20 times', () => repeated(20, (lines) => lines.says('\n'.repeat(200_000)))],
  ];

  for (const [what, made] of HOSTILE) {
    it(`takes time in proportion to its length: ${what}`, function () {
      this.timeout(60_000);
      const { lines } = made();
      const startedAt = process.cpuUsage();
      const reader = AGENT_PROGRAMS.acp.reader();
      const text = new LogText('acp');
      for (const line of lines) {
        reader.read(line);
        text.render(line);
      }
      text.end();
      const { user } = process.cpuUsage(startedAt);
      assert.ok(user < 10_000_000, `${user} µs`);
    });
  }
});

const blank = (index: number) => ({
  toolCallId: `c${index}`,
  title: `x${' '.repeat(1_000_000)}y`,
  status: 'completed',
});

function repeated(times: number, add: (lines: SessionLines, index: number) => void): SessionLines {
  const lines = new SessionLines();
  for (let index = 0; index < times; index += 1) add(lines, index);
  return lines;
}
