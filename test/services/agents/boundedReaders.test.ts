/** Readers of agents' output hold little memory, however much an agent prints. */
import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import fc from 'fast-check';
import { RecentMap } from '../../../src/services/agents/output/bounded';
import { LogText } from '../../../src/services/agents/logText';
import { PlainReader } from '../../../src/services/agents/plain/program';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { SessionLines } from '../../support/agents/sessionLines';

/** Far less than what is printed below, far more than the noise of the heap. */
const MOST_HELD = 12_000_000;
const LINES = 300;
const LONG = 1_000_000;

function heldBytes(): number {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc()');
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes held more after the lines than before, while the reader is alive. */
function growth(take: (line: string) => void, line: (index: number) => string, lines: number): number {
  take(line(0));
  const before = heldBytes();
  for (let index = 1; index <= lines; index += 1) take(line(index));
  const held = heldBytes() - before;
  take(line(0));
  return held;
}

const message = (id: string, text = 'x'): string =>
  JSON.stringify({
    type: 'assistant',
    message: {
      id,
      usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
      content: [{ type: 'text', text }],
    },
  });
const command = (id: string): string =>
  JSON.stringify({ type: 'item.started', item: { id, type: 'command_execution', command: 'x' } });

const sessionLine = (lines: SessionLines): string => lines.lines[0] ?? '';
const said = (messageId: string, text = 'x'): string => sessionLine(new SessionLines().says(text, { messageId }));
const called = (toolCallId: string): string =>
  sessionLine(new SessionLines().update('tool_call', { toolCallId, title: toolCallId }));

describe('readers of an agent that never stops', function () {
  this.timeout(120_000);

  const longId = (index: number): string => `${index}-${'i'.repeat(LONG)}`;
  const CASES: readonly (readonly [what: string, () => (line: string) => void, (index: number) => string, number])[] = [
    ['messages of Claude', () => readBy(AGENT_PROGRAMS.claude.reader()), (index) => message(`m${index}`), 100_000],
    ['ids of Claude', () => readBy(AGENT_PROGRAMS.claude.reader()), (index) => message(longId(index)), LINES],
    ['commands of Codex', () => renderBy('codex'), (index) => command(`c${index}`), 100_000],
    ['ids of Codex', () => renderBy('codex'), (index) => command(longId(index)), LINES],
    ['messages of a session', () => readBy(AGENT_PROGRAMS.acp.reader()), (index) => said(`m${index}`), 50_000],
    ['ids in a session', () => bothBy('acp'), (index) => called(longId(index)), LINES],
    ['calls in a session', () => bothBy('acp'), (index) => called(`c${index}`), 50_000],
    ['chunks of a session', () => bothBy('acp'), () => said('m', 'x'.repeat(100_000)), LINES],
    ['lines of any program', () => readBy(new PlainReader()), longId, LINES],
    [
      'sessions of Codex',
      () => readBy(AGENT_PROGRAMS.codex.reader()),
      (i) => `{"type":"thread.started","thread_id":"${i}"}`,
      LINES,
    ],
  ];

  for (const [what, reader, line, lines] of CASES) {
    it(`hold little of many or long ${what}`, () => {
      const held = growth(reader(), line, lines);
      assert.ok(held < MOST_HELD, `${held} bytes are held`);
    });
  }

  it('keep the end of a long message, where a verdict is', () => {
    const reader = AGENT_PROGRAMS.claude.reader();
    reader.read(message('m', `${'x'.repeat(900_000)}\n--- VERDICT ---\nSTATUS: pass\n---`));
    const kept = reader.report.finalMessage ?? '';
    assert.ok(kept.length < 100_000);
    assert.ok(kept.endsWith('STATUS: pass\n---'));
  });

  it('count the usage of messages that are printed in turns once', () => {
    const reader = AGENT_PROGRAMS.claude.reader();
    for (let round = 0; round < 3; round += 1) for (let id = 0; id < 500; id += 1) reader.read(message(`m${id}`));
    assert.deepEqual(
      { turns: reader.report.turns, inputTokens: reader.report.inputTokens },
      { turns: 500, inputTokens: 500 },
    );
  });

  it('remember as many entries as they may, the newest ones (property)', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (keys, most) => {
        const map = new RecentMap<number>(most);
        keys.forEach((name, index) => map.set(name, index));
        const newest = [...new Set(keys.toReversed())].slice(0, most);
        assert.equal(map.size, newest.length);
        for (const name of newest) assert.equal(map.get(name), keys.lastIndexOf(name));
      }),
    );
  });
});

function readBy(reader: { read(line: string): void }): (line: string) => void {
  return (line) => reader.read(line);
}

function bothBy(parser: 'acp'): (line: string) => void {
  const read = readBy(AGENT_PROGRAMS[parser].reader());
  const render = renderBy(parser);
  return (line) => {
    read(line);
    render(line);
  };
}

function renderBy(parser: 'codex' | 'acp'): (line: string) => void {
  const text = new LogText(parser);
  return (line) => void text.render(line);
}
