/** Readers take every field of a line that they can use, and count what is not as they know it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fixturePath } from '../../support/agents/project';
import type { OutputReader } from '../../../src/services/agents/output/report';
import { OUTPUT_PARSERS } from '../../../src/contract/agentKinds';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';

const usage = { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 5, cache_creation_input_tokens: 6 };
const result = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  num_turns: 7,
  result: 'Done.',
  session_id: 's1',
  total_cost_usd: 0.5,
  usage,
};

/** Values of every other type. */
const ODD = [null, 'x', 12, -1, 1.5, true, [], ['x'], {}, { deep: {} }, Number.MAX_VALUE];

function claude(...lines: readonly object[]): OutputReader {
  const reader = AGENT_PROGRAMS.claude.reader();
  for (const line of lines) reader.read(JSON.stringify(line));
  return reader;
}

function codex(...lines: readonly object[]): OutputReader {
  const reader = AGENT_PROGRAMS.codex.reader();
  for (const line of lines) reader.read(JSON.stringify(line));
  return reader;
}

describe('a line of Claude’s output', () => {
  const whole = claude(result).report;

  for (const field of ['subtype', 'is_error', 'num_turns', 'result', 'session_id', 'total_cost_usd', 'usage']) {
    it(`keeps its other fields whatever ${field} is`, () => {
      for (const value of [...ODD, undefined]) {
        const { report } = claude({ ...result, [field]: value });
        const kept: Record<string, unknown> = {
          num_turns: report.turns === 7,
          result: report.finalMessage === 'Done.',
          session_id: report.sessionId === 's1',
          total_cost_usd: report.costUsd === 0.5,
          usage: report.inputTokens === whole.inputTokens && report.cacheHits === 5,
        };
        assert.deepEqual(
          Object.entries(kept).filter(([name, isKept]) => name !== field && isKept !== true),
          [],
          `${field}: ${JSON.stringify(value)}`,
        );
      }
    });
  }

  it('counts as a failure with the errors it lists, where it has no result', () => {
    const { report } = claude({
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      errors: ['a', 'b'],
    });
    assert.equal(report.failure, 'a\nb');
  });

  it('reads digits in a string as a number', () => {
    const { report } = claude({ ...result, num_turns: '9', total_cost_usd: '0.25', usage: { input_tokens: '11' } });
    assert.deepEqual(
      { turns: report.turns, costUsd: report.costUsd, inputTokens: report.inputTokens },
      { turns: 9, costUsd: 0.25, inputTokens: 11 },
    );
  });

  it('counts a message without an id, or with one text in place of a list', () => {
    const { report } = claude(
      { type: 'assistant', message: { content: 'Hello', usage: null } },
      { type: 'assistant', message: { id: null, content: [{ type: 'text', text: 'Bye' }, null, 'x'] } },
    );
    assert.deepEqual(
      { turns: report.turns, messages: report.messages, finalMessage: report.finalMessage },
      { turns: 2, messages: 2, finalMessage: 'Bye' },
    );
  });

  it('takes an id or a message with a NUL or half of a pair as far as it can be stored', () => {
    const { report } = claude({ ...result, session_id: 'a\0b', result: 'half \ud83d', is_error: true });
    assert.deepEqual(
      { sessionId: report.sessionId, failure: report.failure, finalMessage: report.finalMessage },
      { sessionId: undefined, failure: 'half \uFFFD', finalMessage: 'half \uFFFD' },
    );
  });

  it('counts what is not as known, by field and type', () => {
    const { drift } = claude({ ...result, usage: [] }, { ...result, num_turns: '9' }, { type: 'new_thing' }, { a: 1 });
    assert.deepEqual(Object.fromEntries(drift), {
      'result.usage: list': 1,
      'result.num_turns: text': 1,
      'line: type new_thing': 1,
      'line: no type': 1,
    });
  });

  it('counts nothing for a field that is null or new', () => {
    const { drift } = claude({ ...result, usage: null, total_cost_usd: null, brand_new: { a: [1] } });
    assert.deepEqual([...drift], []);
  });
});

/** Other content in a line of a log that a program and its children share. */
const CONTEXTS: Readonly<Record<string, (json: string) => string>> = {
  'a byte order mark': (json) => `\u{feff}${json}`,
  'a progress line that it overwrites': (json) => `\r\rloading 1%\rloading 2%\r${json}`,
  'a progress line that overwrites it': (json) => `${json}\rloading 1%`,
  'codes that erase a line': (json) => `\u001b[2K\u001b[1G${json}`,
  spaces: (json) => ` \t${json} `,
};

describe('a line of an agent’s output', () => {
  for (const [name, within] of Object.entries(CONTEXTS)) {
    it(`counts with ${name}`, () => {
      const claudeReader = AGENT_PROGRAMS.claude.reader();
      claudeReader.read(within(JSON.stringify(result)));
      assert.deepEqual(claudeReader.report, claude(result).report);
      const completed = { type: 'turn.completed', usage: { input_tokens: 3, output_tokens: 4 } };
      const codexReader = AGENT_PROGRAMS.codex.reader();
      codexReader.read(within(JSON.stringify(completed)));
      assert.deepEqual(codexReader.report, codex(completed).report);
      assert.ok(codexReader.report.inputTokens > 0);
    });
  }

  it('that is a text with JSON in it stays a text', () => {
    const error = 'API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}';
    const reader = AGENT_PROGRAMS.claude.reader();
    reader.read(error);
    assert.deepEqual(
      { otherLines: [...reader.otherLines], drift: reader.drift.size },
      { otherLines: [error], drift: 0 },
    );
  });
});

describe('a line of Codex’s output', () => {
  const turn = { type: 'turn.completed', usage: { input_tokens: 9, cached_input_tokens: 2, output_tokens: 3 } };

  it('counts a turn whatever its usage is', () => {
    for (const value of [...ODD, undefined]) {
      assert.equal(codex({ ...turn, usage: value }).report.turns, 1, JSON.stringify(value));
    }
    const { report } = codex({ ...turn, usage: { input_tokens: '9', cached_input_tokens: null, output_tokens: 3 } });
    assert.deepEqual(
      { inputTokens: report.inputTokens, outputTokens: report.outputTokens, tokensReported: report.tokensReported },
      { inputTokens: 9, outputTokens: 3, tokensReported: true },
    );
  });

  it('is a failure whatever the error of a failed turn is', () => {
    for (const error of [...ODD, undefined]) {
      assert.ok(codex({ type: 'turn.failed', error }).report.failure, JSON.stringify(error));
    }
    assert.equal(codex({ type: 'turn.failed', error: 'no quota' }).report.failure, 'no quota');
  });

  it('counts a message without a text', () => {
    const { report } = codex({ type: 'item.completed', item: { type: 'agent_message', text: null } });
    assert.equal(report.messages, 1);
  });

  it('counts what is not as known, by field and type', () => {
    const { drift } = codex(
      { ...turn, usage: 'none' },
      { type: 'item.completed', item: { type: 'hologram' } },
      { type: 'turn.paused' },
    );
    assert.deepEqual(Object.fromEntries(drift), {
      'turn.completed.usage: text': 1,
      'item.completed.item: type hologram': 1,
      'line: type turn.paused': 1,
    });
  });
});

describe('the drift of a schema', () => {
  it('is counted within bounds', () => {
    const reader = AGENT_PROGRAMS.claude.reader();
    for (let n = 0; n < 1000; n += 1) reader.read(JSON.stringify({ type: `t${n}${'x'.repeat(1000)}` }));
    assert.equal(reader.drift.size, 50);
    assert.ok([...reader.drift.keys()].every((name) => name.length < 100));
  });

  it('is none in what the real programs printed', () => {
    const folder = path.dirname(fixturePath('claudeCommit'));
    for (const name of readdirSync(folder)) {
      const parser = OUTPUT_PARSERS.find((each) => name.startsWith(each)) ?? assert.fail(name);
      const reader = AGENT_PROGRAMS[parser].reader();
      for (const line of readFileSync(path.join(folder, name), 'utf8').split('\n')) reader.read(line);
      assert.deepEqual([...reader.drift], [], name);
    }
  });
});
