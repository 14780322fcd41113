import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { LogText, MAX_LINE_LENGTH, MAX_LINE_PIECES } from '../../../src/services/agents/logText';
import type { OutputParser } from '../../../src/contract/agentKinds';
import { inProject } from '../../../tools/project';

function rendered(parser: OutputParser, ...lines: string[]): string {
  const text = new LogText(parser);
  return lines
    .flatMap((line) => text.render(line))
    .join('\n')
    .trim();
}

/** What a real agent printed, recorded. */
function recorded(name: string): string[] {
  const file = inProject(path.join('test/support/agents/fixtures', name));
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

describe('an agent log in readable text', () => {
  it('shows what Claude said, ran and got back', () => {
    const text = rendered('claude', ...recorded('claudeCommit.jsonl'));
    assert.match(text, /^── session · [\w.-]+ · \/repo$/m);
    assert.match(text, /^I will write the file\.$/m);
    assert.match(text, /^\$ echo hello > greeting\.txt && git add/m);
    assert.match(text, /^\$ cat greeting\.txt$/m);
    assert.match(text, /^ {2}hello$/m);
    assert.match(text, /^! Exit code 1\n! cat: missing\.txt: No such file or directory$/m);
    assert.match(text, /── success · \d turns · [\d.]+ s · \$0\.0084$/);
    assert.doesNotMatch(text, /"type"/);
  });

  it('shows what Codex said, ran and got back, each command once', () => {
    const text = rendered('codex', ...recorded('codexCommit.jsonl'));
    assert.match(text, /^I will write the file\.$/m);
    assert.equal(text.match(/^\$ \/bin\/bash -lc 'cat greeting\.txt'$/gm)?.length, 1);
    assert.match(text, /^ {2}hello$/m);
    assert.match(text, /^ {2}cat: missing\.txt: No such file or directory\n! exit code 1$/m);
    assert.match(text, /── turn · 4725 tokens in, 69 out$/);
    assert.doesNotMatch(text, /"type"/);
  });

  it('understands every recorded line of both agents', () => {
    for (const name of ['Broken', 'Commit', 'RateLimited', 'Retried', 'Stopped', 'Unauthorized']) {
      for (const parser of ['claude', 'codex'] as const) {
        const text = rendered(parser, ...recorded(`${parser}${name}.jsonl`));
        assert.doesNotMatch(text, /^\{"/m, `${parser}${name}`);
        assert.notEqual(text, '');
      }
    }
  });

  it('shows failures where they happened', () => {
    assert.match(rendered('codex', ...recorded('codexUnauthorized.jsonl')), /^! unexpected status 401 Unauthorized/m);
    assert.match(rendered('claude', ...recorded('claudeRateLimited.jsonl')), /api_retry · rate_limit/);
  });

  it('shows a line as it is where it does not understand it', () => {
    const odd = ['{"type":"news","x":1}', '{"type":"assistant"}', '{"cut off', 'plain warning', '[1]', ''];
    for (const parser of ['claude', 'codex', 'plain'] as const) {
      const text = new LogText(parser);
      for (const line of odd) assert.deepEqual(text.render(line), [line]);
    }
  });

  it('shows JSON of a program that is no agent as it is', () => {
    const line = '{"type":"error","message":"mine"}';
    assert.deepEqual(new LogText('plain').render(line), [line]);
  });

  it('breaks a long line and says how much it leaves out', () => {
    const whole = MAX_LINE_LENGTH * MAX_LINE_PIECES;
    assert.deepEqual(
      new LogText('plain').render('x'.repeat(whole)).map((one) => one.length),
      Array(MAX_LINE_PIECES).fill(MAX_LINE_LENGTH),
    );
    const lines = new LogText('plain').render('x'.repeat(whole + 10_000_000));
    assert.equal(lines.length, MAX_LINE_PIECES + 1);
    assert.match(lines.at(-1) ?? '', /10000000 more characters/);
  });

  it('never breaks a character in two', () => {
    const lines = new LogText('plain').render(`x${'😀'.repeat(MAX_LINE_LENGTH)}`);
    assert.ok(lines.every((line) => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(line)));
    assert.equal(lines.join(''), `x${'😀'.repeat(MAX_LINE_LENGTH)}`);
  });

  it('leaves out terminal codes and what a progress line wrote over', () => {
    assert.deepEqual(new LogText('plain').render('\u001b[1;32mok\u001b[0m done'), ['ok done']);
    assert.deepEqual(new LogText('plain').render('10 %\r50 %\r100 %'), ['100 %']);
    assert.deepEqual(new LogText('plain').render('\u001b]0;title\u0007text\r'), ['text']);
    assert.deepEqual(new LogText('plain').render('\u001b]0;a title\u0007text'), ['text']);
  });

  for (const levels of [100, 6000, 100_000]) {
    it(`shows a value of ${levels} levels cut, and the lines after it`, () => {
      for (const [open, close] of [
        ['{"a":', '}'],
        ['[', ']'],
      ] as const) {
        const input = `${open.repeat(levels)}1${close.repeat(levels)}`;
        const content = (block: string): string => `{"type":"assistant","message":{"id":"m","content":[${block}]}}`;
        const claude = new LogText('claude');
        const deep = claude.render(content(`{"type":"tool_use","name":"Deep","input":${input}}`));
        assert.match(deep.join('\n'), /^> Deep .{60,}…/m);
        assert.deepEqual(claude.render(content('{"type":"text","text":"after"}')), ['', 'after']);
        const codex = new LogText('codex');
        const unknown = `{"type":"item.completed","item":{"type":"mcp_tool_call","arguments":${input}}}`;
        assert.equal(codex.render(unknown)[0], unknown.slice(0, MAX_LINE_LENGTH));
        assert.deepEqual(codex.render('{"type":"turn.failed","error":{"message":"after"}}'), ['! after']);
        const lines = ['claude', 'codex', 'plain'] as const;
        for (const parser of lines) {
          assert.deepEqual(new LogText(parser).render(input).slice(0, 1), [input.slice(0, MAX_LINE_LENGTH)]);
        }
      }
    });
  }

  it('never fails on a line, and renders the next one as if it had not been there (property)', () => {
    const part = fc.oneof(
      fc.json({ maxDepth: 6 }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('{', '}', '"', '\u001b['),
    );
    const kinds = fc.constantFrom('assistant', 'user', 'system', 'result', 'item.started', 'item.completed', 'error');
    const shaped = fc
      .tuple(kinds, fc.jsonValue({ maxDepth: 6 }))
      .map(([type, value]) => JSON.stringify({ type, message: value, item: value, error: value, subtype: value }));
    fc.assert(
      fc.property(fc.oneof(shaped, part), fc.constantFrom('claude' as const, 'codex' as const), (line, parser) => {
        const text = new LogText(parser);
        for (const shown of text.render(line)) assert.ok(shown.length <= MAX_LINE_LENGTH + 100);
        const next = '{"type":"system","subtype":"init","model":"m"}';
        assert.deepEqual(text.render(next), new LogText(parser).render(next));
      }),
      { numRuns: 500 },
    );
  });
});
