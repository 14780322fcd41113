/** The log of a session whose agent sends anything. */
import assert from 'node:assert/strict';
import { LogText } from '../../../../src/services/agents/logText';
import { LineCutter } from '../../../../src/services/agents/output/lines';
import { AGENT_PROGRAMS } from '../../../../src/services/agents/programs';
import { asked, SessionLines } from '../../../support/agents/sessionLines';

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
