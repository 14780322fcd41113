import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { agentKind, type AgentKind } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS, withBuiltIns, findKind } from '../../../src/services/agents/builtInKinds';
import { commandLine, MAX_ARGUMENT_BYTES } from '../../../src/services/agents/commandLine';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { LineCutter } from '../../../src/services/agents/output/lines';
import { PlainReader } from '../../../src/services/agents/plain/program';
import type { AgentReport, OutputReader } from '../../../src/services/agents/output/report';
import { sessionFor, sessionOf } from '../../../src/services/agents/session';
import { dispatchRequest } from '../../../src/services/dispatch/context/dispatchRequest';
import { verdictInFile, verdictInMessage } from '../../../src/services/agents/output/verdict';
import { fixturePath } from '../../support/agents/project';
import * as scenarios from '../../support/agents/scenarios';
import { totalUsage } from '../../support/agents/script';

const SESSION = '00000000-0000-4000-8000-000000000001';

/** Reads bytes cut at the given places. */
function readChunks(reader: OutputReader, bytes: Buffer, cuts: readonly number[] = []): AgentReport {
  const cutter = new LineCutter((line) => reader.read(line));
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  edges.slice(1).forEach((edge, index) => cutter.push(bytes.subarray(edges[index], edge)));
  cutter.end();
  return reader.report;
}

const fixture = (name: string): Buffer => readFileSync(fixturePath(name));

describe('the reader of Claude’s output', () => {
  const read = (name: string) => readChunks(AGENT_PROGRAMS.claude.reader(), fixture(name));

  it('counts the tokens of a session that failed, read from the cache or not, with its own word for it (D13)', () => {
    const usage = { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 5 };
    const lines = [
      {
        type: 'assistant',
        message: { id: 'm', content: [{ type: 'tool_use', name: 'Bash', input: { command: 'ls' } }] },
      },
      { type: 'result', subtype: 'error_max_turns', usage },
      'Total tokens: 1234',
    ].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const report = readChunks(AGENT_PROGRAMS.claude.reader(), Buffer.from(lines.join('\n')));
    const { inputTokens, outputTokens, cacheHits, commands, failure } = report;
    assert.deepEqual({ used: inputTokens + outputTokens, cacheHits, commands }, { used: 7, cacheHits: 5, commands: 1 });
    assert.equal(failure, 'the agent reported error_max_turns');
  });

  it('tells tokens, cost, session and counts of a whole session', () => {
    const { costUsd, version, ...report } = read('claudeCommit');
    const usage = totalUsage(scenarios.commit.turns);
    assert.deepEqual(report, {
      turns: 4,
      commands: 3,
      messages: 2,
      inputTokens: usage.input + usage.cacheWrite,
      outputTokens: usage.output,
      cacheHits: usage.cacheRead,
      tokensReported: true,
      sessionId: SESSION,
      finalMessage: 'The greeting is committed.',
    });
    assert.ok(costUsd !== undefined && costUsd > 0);
    assert.equal(version, '2.1.329');
  });

  it('counts the usage of a message once, though it is printed for each of its blocks', () => {
    const lines = fixture('claudeCommit').toString().trimEnd().split('\n');
    const withoutResult = readChunks(AGENT_PROGRAMS.claude.reader(), Buffer.from(lines.slice(0, -1).join('\n')));
    assert.deepEqual(
      { turns: withoutResult.turns, inputTokens: withoutResult.inputTokens, cacheHits: withoutResult.cacheHits },
      { turns: 3, inputTokens: 1200 + 300 + 10 + 15, cacheHits: 50 + 1550 + 1600 },
    );
  });

  it('keeps what it knew of an agent that was stopped', () => {
    const report = read('claudeStopped');
    assert.deepEqual(
      { sessionId: report.sessionId, turns: report.turns, inputTokens: report.inputTokens },
      { sessionId: SESSION, turns: 1, inputTokens: 5 },
    );
    assert.equal(report.failure, undefined);
  });

  it('takes a success with is_error for the failure it is', () => {
    assert.match(read('claudeUnauthorized').failure ?? '', /401|api key/i);
    assert.ok(read('claudeRateLimited').failure);
    assert.equal(read('claudeRetried').failure, undefined);
  });
});

describe('the reader of Codex’s output', () => {
  const read = (name: string) => readChunks(AGENT_PROGRAMS.codex.reader(), fixture(name));

  it('tells tokens, session and counts, cached tokens apart', () => {
    const usage = totalUsage(scenarios.commit.turns);
    assert.deepEqual(read('codexCommit'), {
      turns: 1,
      commands: 3,
      messages: 2,
      inputTokens: usage.input + usage.cacheWrite,
      outputTokens: usage.output,
      cacheHits: usage.cacheRead,
      tokensReported: true,
      sessionId: SESSION,
      finalMessage: 'The greeting is committed.',
    });
  });

  it('takes an error item for the warning it is, and a failed turn for a failure', () => {
    assert.deepEqual(read('codexUnknownModel'), read('codexCommit'));
    assert.equal(read('codexRetried').failure, undefined);
    assert.match(read('codexUnauthorized').failure ?? '', /401/);
  });

  it('adds up the turns of a thread', () => {
    const twice = Buffer.concat([fixture('codexCommit'), fixture('codexCommit')]);
    const report = readChunks(AGENT_PROGRAMS.codex.reader(), twice);
    assert.deepEqual(
      { turns: report.turns, outputTokens: report.outputTokens },
      { turns: 2, outputTokens: 2 * totalUsage(scenarios.commit.turns).output },
    );
  });
});

describe('reading in pieces', () => {
  for (const name of ['claudeCommit', 'codexCommit'] as const) {
    it(`gives the same report of ${name} however its bytes arrive`, () => {
      const bytes = fixture(name);
      const reader = () => (name === 'claudeCommit' ? AGENT_PROGRAMS.claude.reader() : AGENT_PROGRAMS.codex.reader());
      const whole = readChunks(reader(), bytes);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
          assert.deepEqual(readChunks(reader(), bytes, cuts), whole);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('gives the same lines for any text, any chunks and any bound', () => {
    const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constant('\n')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, fc.array(fc.nat(400)), fc.integer({ min: 1, max: 20 }), (parts, cuts, bound) => {
        const bytes = Buffer.from(parts.join(''));
        const collect = (edges: readonly number[]) => {
          const lines: string[] = [];
          const cutter = new LineCutter((line) => lines.push(line), { maxBytes: bound });
          const sorted = [0, ...edges.map((edge) => Math.min(edge, bytes.length)).sort((a, b) => a - b), bytes.length];
          sorted.slice(1).forEach((edge, index) => cutter.push(bytes.subarray(sorted[index], edge)));
          cutter.end();
          return { lines, dropped: cutter.dropped };
        };
        const all = bytes.toString().split('\n');
        if (all.at(-1) === '') all.pop();
        const fitting = all.filter((line) => Buffer.byteLength(line) <= bound).map((line) => line.replace(/\r$/, ''));
        const expected = { lines: fitting, dropped: all.length - fitting.length };
        assert.deepEqual(collect(cuts), expected);
        assert.deepEqual(collect([]), expected);
      }),
    );
  });

  it('drops a line of ten megabytes and reads the next', () => {
    const lines: string[] = [];
    const cutter = new LineCutter((line) => lines.push(line));
    const chunk = Buffer.alloc(64 * 1024, 'x');
    for (let sent = 0; sent < 10 * 1024 * 1024; sent += chunk.length) cutter.push(chunk);
    cutter.push(Buffer.from('\nafter\n'));
    assert.deepEqual({ lines, dropped: cutter.dropped }, { lines: ['after'], dropped: 1 });
  });

  it('survives anything that looks like JSON and is not what it knows', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('assistant', 'result', 'system', 'turn.completed', 'x'), (json, type) => {
        for (const reader of [AGENT_PROGRAMS.claude.reader(), AGENT_PROGRAMS.codex.reader()]) {
          reader.read(json);
          reader.read(`{"type":"${type}","message":${json},"usage":${json},"item":${json}}`);
          reader.read(`{"type":"${type}`);
          assert.equal(reader.report.inputTokens, 0);
        }
      }),
    );
  });

  it('keeps the end of plain output, and no more of it than it needs', () => {
    const reader = new PlainReader();
    for (let n = 0; n < 1000; n++) reader.read(`line ${n}`);
    const kept = reader.report.finalMessage?.split('\n') ?? [];
    assert.deepEqual({ lastKept: kept.at(-1), keptCount: kept.length }, { lastKept: 'line 999', keptCount: 200 });
  });
});

describe('a verdict', () => {
  const block = '--- VERDICT ---\nSTATUS: warn\nFILES: a.ts\nFINDINGS: 2\nSUMMARY: two findings\n---';

  it('is read from a sidecar file, its last lines counting', () => {
    assert.deepEqual(verdictInFile(`STATUS: fail\n${block}`), { status: 'warn', summary: 'two findings' });
    assert.equal(verdictInFile('SUMMARY: no status'), undefined);
    assert.equal(verdictInFile('STATUS: '), undefined);
  });

  it('is read from the last block of a message, never from loose lines', () => {
    const later = block.replace('warn', 'reject').replace('two findings', 'no');
    assert.deepEqual(verdictInMessage(`Done.\r\n${block}\n\n${later}\nSTATUS: pass`), {
      status: 'reject',
      summary: 'no',
    });
    assert.deepEqual(verdictInMessage(block.slice(0, -4)), { status: 'warn', summary: 'two findings' });
    assert.equal(verdictInMessage('STATUS: pass\nSUMMARY: fine'), undefined);
  });
});

describe('an agent kind', () => {
  const values = {
    promptFile: '/s/prompt.md',
    prompt: 'do "it" $(now) ${model}\n',
    model: undefined,
    sandbox: undefined,
    project: '/p',
    dispatchId: 'abcd1234',
    runId: undefined,
    mcpConfigFile: undefined,
    mcpConfigLine: undefined,
    session: undefined,
    resume: undefined,
  };
  const kind = (overrides: Partial<AgentKind>): AgentKind =>
    agentKind.parse({ name: 'k', command: 'prog', args: [], ...overrides });

  it('leaves out arguments that name what the dispatch has not', () => {
    const args = ['--model=${model}', '--run=${runId}', '--in=${project}', 'plain'];
    assert.deepEqual(commandLine(kind({ args }), values), ['prog', '--in=/p', 'plain']);
    assert.deepEqual(commandLine(kind({ args }), { ...values, model: 'm; rm -rf /', runId: 'r' }, ['--x']), [
      'prog',
      '--model=m; rm -rf /',
      '--run=r',
      '--in=/p',
      'plain',
      '--x',
    ]);
  });

  it('continues a session as its program takes it', () => {
    const session = sessionOf('0199a213-81c0-7800-8aa1-bbab2a035a53') ?? assert.fail('no UUID');
    const argvOf = (name: string): string[] =>
      commandLine(BUILT_IN_AGENT_KINDS.find((each) => each.name === name) ?? assert.fail(name), {
        ...values,
        session,
        resume: 'resume',
      });
    assert.equal(argvOf('claude').at(-1), `--resume=${session}`);
    assert.deepEqual(argvOf('codex').slice(-3), ['resume', session, '-']);
  });

  it('takes nothing but a UUID for a session, whatever a record or an agent says', () => {
    for (const hostile of ['', '--resume', '-c', '../../etc', 'a/b', 'a b', 'last', null, undefined]) {
      assert.equal(sessionOf(hostile), undefined, String(hostile));
    }
  });

  it('takes any text of one line for a session that is only sent in messages', () => {
    const acp = { protocol: 'acp' } as const;
    for (const id of ['ses_1', '--resume', '../../etc', 'a b', 'x'.repeat(200)]) {
      assert.deepEqual({ acp: sessionFor(acp, id), other: sessionFor({}, id) }, { acp: id, other: undefined });
    }
    for (const hostile of ['', 'a\nb', 'a\0b', '\u001b[31m', '\ud83d', 'x'.repeat(201), null, undefined]) {
      assert.equal(sessionFor(acp, hostile), undefined, String(hostile));
      assert.equal(dispatchRequest.safeParse({ kind: 'k', prompt: 'x', session: hostile ?? null }).success, false);
    }
  });

  it('never searches for placeholders inside a value', () => {
    const argv = commandLine(kind({ promptBy: 'argument', args: ['${prompt}'] }), { ...values, model: 'secret' });
    assert.deepEqual(argv, ['prog', values.prompt]);
  });

  it('refuses an argument longer than the system takes, and NUL characters', () => {
    const byArgument = kind({ promptBy: 'argument', args: ['${prompt}'] });
    const long = { ...values, prompt: 'x'.repeat(MAX_ARGUMENT_BYTES + 1) };
    assert.throws(() => commandLine(byArgument, long), {
      code: 'INVALID_ARGUMENT',
      message: /at most 131071 bytes.*stdin/,
    });
    assert.throws(() => commandLine(byArgument, { ...values, prompt: 'a\0b' }), { code: 'INVALID_ARGUMENT' });
  });

  it('is refused where its prompt has no way in, or a placeholder is unknown', () => {
    assert.equal(agentKind.safeParse({ name: 'k', command: 'c', promptBy: 'file' }).success, false);
    assert.equal(
      agentKind.safeParse({ name: 'k', command: 'c', promptBy: 'argument', args: ['${prompt}'] }).success,
      true,
    );
    assert.equal(agentKind.safeParse({ name: 'k', command: 'c', args: ['${nonsense}'] }).success, false);
    assert.equal(agentKind.safeParse({ name: 'a/../b', command: 'c' }).success, false);
  });

  it('is built in five times, and a setting replaces one by its name', () => {
    for (const builtIn of BUILT_IN_AGENT_KINDS) assert.deepEqual(agentKind.parse(builtIn), builtIn);
    const kinds = withBuiltIns([kind({ name: 'codex' }), kind({ name: 'mine' })]);
    assert.deepEqual(
      kinds.map(({ name, command }) => [name, command]),
      [
        ['claude', 'claude'],
        ['codex', 'prog'],
        ['shell', 'sh'],
        ['claude-acp', 'claude-agent-acp'],
        ['codex-acp', 'codex-acp'],
        ['mine', 'prog'],
      ],
    );
    assert.throws(() => findKind(kinds, 'gpt'), {
      code: 'AGENT_KIND_UNKNOWN',
      hint: /claude, codex, shell, claude-acp, codex-acp, mine/,
    });
    assert.equal(findKind(kinds, 'claude').parser, 'claude');
  });
});
