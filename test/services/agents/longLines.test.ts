/** Lines of an agent's output beyond what is held whole: their small fields are read all the same. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineCutter } from '../../../src/services/agents/output/lines';
import { LongLine } from '../../../src/services/agents/output/longLine';
import type { OutputReader } from '../../../src/services/agents/output/report';
import { verdictInMessage } from '../../../src/services/agents/output/verdict';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';

const usage = { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 5, cache_creation_input_tokens: 6 };
const LONG = 'Wörter “😀” \\ "\n'.repeat(200_000);
const VERDICT = '\n--- VERDICT ---\nSTATUS: pass\nSUMMARY: all of it\n---';

function read<R extends OutputReader>(reader: R, ...lines: readonly string[]): { reader: R; dropped: number } {
  const cutter = new LineCutter((line) => reader.read(line), { shortensJson: true });
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  for (let at = 0; at < bytes.length; at += 65_537) cutter.push(bytes.subarray(at, at + 65_537));
  cutter.end();
  return { reader, dropped: cutter.dropped };
}

const shortOf = (text: string, edges: readonly number[] = []): string | undefined => {
  const line = new LongLine();
  const bytes = Buffer.from(text);
  const cuts = [0, ...edges.map((edge) => Math.min(edge, bytes.length)).sort((a, b) => a - b), bytes.length];
  cuts.slice(1).forEach((edge, index) => line.push(bytes.subarray(cuts[index], edge)));
  return line.end();
};

describe('a line of megabytes', () => {
  it('gives tokens, cost, session and verdict of a result of Claude', () => {
    const line = { type: 'result', is_error: false, num_turns: 7, session_id: 's1', total_cost_usd: 0.5, usage };
    for (const value of [
      { ...line, result: LONG + VERDICT },
      { result: LONG + VERDICT, ...line },
      { ...line, permission_denials: Array(50_000).fill({ tool: 'x'.repeat(40) }), result: LONG + VERDICT },
    ]) {
      const { reader, dropped } = read(AGENT_PROGRAMS.claude.reader(), JSON.stringify(value));
      const { finalMessage = '', ...report } = reader.report;
      assert.deepEqual(
        {
          turns: report.turns,
          sessionId: report.sessionId,
          costUsd: report.costUsd,
          inputTokens: report.inputTokens,
          outputTokens: report.outputTokens,
          cacheHits: report.cacheHits,
        },
        { turns: 7, sessionId: 's1', costUsd: 0.5, inputTokens: 9, outputTokens: 4, cacheHits: 5 },
      );
      assert.deepEqual(verdictInMessage(finalMessage), { status: 'pass', summary: 'all of it' });
      assert.ok(finalMessage.length > 65_000 && finalMessage.length <= 65_536);
      assert.doesNotMatch(finalMessage, /\p{Surrogate}/u);
      assert.equal(dropped, 0);
    }
  });

  it('gives the usage and the text of a message of Claude, and the command whose input it is', () => {
    const content = [
      { type: 'tool_use', input: { content: LONG } },
      { type: 'text', text: LONG + VERDICT },
    ];
    const { report } = read(
      AGENT_PROGRAMS.claude.reader(),
      JSON.stringify({ type: 'assistant', message: { id: 'm', content, usage } }),
    ).reader;
    assert.deepEqual(
      { commands: report.commands, messages: report.messages, outputTokens: report.outputTokens },
      { commands: 1, messages: 1, outputTokens: 4 },
    );
    assert.equal(verdictInMessage(report.finalMessage ?? '')?.status, 'pass');
  });

  it('counts a command of Codex, whatever it printed, and reads its last message', () => {
    const item = (value: object) => JSON.stringify({ type: 'item.completed', item: value });
    const { report } = read(
      AGENT_PROGRAMS.codex.reader(),
      item({ type: 'command_execution', aggregated_output: LONG }),
      item({ type: 'agent_message', text: LONG + VERDICT }),
      JSON.stringify({ type: 'turn.completed', usage, note: LONG }),
    ).reader;
    assert.deepEqual(
      { commands: report.commands, messages: report.messages, turns: report.turns, outputTokens: report.outputTokens },
      { commands: 1, messages: 1, turns: 1, outputTokens: 4 },
    );
    assert.equal(verdictInMessage(report.finalMessage ?? '')?.status, 'pass');
  });

  it('is dropped and counted where it is no object of JSON', () => {
    for (const line of [LONG.replaceAll('\n', ''), `{"type":"result","result":"${'x'.repeat(2_000_000)}`]) {
      const { reader, dropped } = read(AGENT_PROGRAMS.claude.reader(), line, '{"type":"result","num_turns":2}');
      assert.deepEqual({ turns: reader.report.turns, dropped }, { turns: 2, dropped: 1 });
    }
  });

  it('is read after a progress line and before one', () => {
    const json = JSON.stringify({ type: 'result', num_turns: 3, result: LONG });
    for (const line of [`\u001b[2K${json}`, `10 % {x}\r${json}`, `${json}\r100 %`]) {
      assert.equal(read(AGENT_PROGRAMS.claude.reader(), line).reader.report.turns, 3, line.slice(0, 20));
    }
    assert.equal(read(AGENT_PROGRAMS.claude.reader(), `a tool printed ${json}`).reader.report.turns, 0);
  });
});

describe('a shortened line', () => {
  const changed = fc
    .tuple(fc.object({ maxDepth: 4 }), fc.nat(), fc.constantFrom('', '}', '"', ',', '\\', '1', ' '))
    .map(([value, place, put]) => {
      const json = JSON.stringify(value);
      const at = place % (json.length + 1);
      return [json, json.slice(0, at) + put + json.slice(at + 1)];
    });

  it('is the same JSON where nothing is long, and none where there was none, however its bytes arrive', () => {
    fc.assert(
      fc.property(changed, fc.array(fc.nat(400)), (texts, cuts) => {
        for (const text of texts) {
          const short = shortOf(text, cuts);
          assert.equal(short, shortOf(text));
          assert.deepEqual(short === undefined ? undefined : parsed(short), parsed(text.trim()));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('stays small, whatever is long in it', () => {
    const many = (part: string, count: number) => Array<string>(count).fill(part).join(',');
    const texts = [
      `{"a":"${'\\u0000'.repeat(500_000)}","b":1}`,
      `{"a":[${many('1', 2_000_000)}],"b":1}`,
      `{"a":[${many(`[${many('"xyz"', 100)}]`, 20_000)}],"b":1}`,
      `{"a":${'['.repeat(900)}${']'.repeat(900)},"b":1}`,
    ];
    for (const text of texts) {
      const short = shortOf(text) ?? '';
      assert.ok(short.length < 1_100_000, `${short.length}`);
      assert.match(short, /"b":1}$/);
    }
    for (const text of [`{"a":${'['.repeat(1_000_000)}`, `{"a":${'1'.repeat(1_000_000)}}`]) {
      assert.equal(shortOf(text), undefined);
    }
  });
});

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
