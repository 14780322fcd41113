/** Each agent kind is one folder: its command line, and what is known of its program. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { OUTPUT_PARSERS } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import { ClaudeCounter } from '../../../src/services/agents/claude/counter';
import { claudeLines } from '../../../src/services/agents/claude/lines';
import { claudeText } from '../../../src/services/agents/claude/renderer';
import { CodexCounter } from '../../../src/services/agents/codex/counter';
import type { CodexEvent } from '../../../src/services/agents/codex/lines';
import { CodexText } from '../../../src/services/agents/codex/renderer';
import type { PrintedLines } from '../../../src/services/agents/output/printedLines';
import { eventProgram, type AgentProgram } from '../../../src/services/agents/output/program';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { SessionLines } from '../../support/agents/sessionLines';
import { inProject } from '../../../tools/project';

const FOLDER = 'src/services/agents';
/** What the folders share. */
const SHARED = ['output', 'transcript'];

describe('an agent kind', () => {
  it('has a folder with its kind and its program', () => {
    const needed = OUTPUT_PARSERS.flatMap((parser) => ['kind.ts', 'program.ts'].map((file) => `${parser}/${file}`));
    const missing = needed.map((file) => `${FOLDER}/${file}`).filter((file) => !existsSync(inProject(file)));
    assert.deepEqual(missing, []);
  });

  it('has a folder that is named after its parser', () => {
    const entries = readdirSync(inProject(FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const known = new Set<string>([...OUTPUT_PARSERS, ...SHARED]);
    const unknown = entries.map(({ name }) => name).filter((name) => !known.has(name));
    assert.deepEqual(unknown, [], 'add it to OUTPUT_PARSERS in src/contract/agentKinds.ts');
  });

  it('is built in with the parser of its folder', () => {
    assert.deepEqual([...new Set(BUILT_IN_AGENT_KINDS.map(({ parser }) => parser))], OUTPUT_PARSERS);
  });

  it('is rendered and counted by its own program only', () => {
    const lines = {
      claude: '{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"Hello"}]}}',
      codex: '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"Hello"}}',
      acp: new SessionLines().says('Hello\n').lines[0] ?? '',
    };
    const resultOf = ({ reader, renderer }: AgentProgram, line: string) => {
      const own = reader();
      own.read(line);
      return { messages: own.report.messages, shown: renderer === 'unchanged' ? undefined : renderer()(line) };
    };
    const resultsOf = (program: AgentProgram) => ({
      claude: resultOf(program, lines.claude),
      codex: resultOf(program, lines.codex),
      acp: resultOf(program, lines.acp),
    });
    const known = { messages: 1, shown: ['', 'Hello'] };
    const other = { messages: 0, shown: undefined };
    assert.deepEqual(resultsOf(AGENT_PROGRAMS.claude), { claude: known, codex: other, acp: other });
    assert.deepEqual(resultsOf(AGENT_PROGRAMS.codex), { claude: other, codex: known, acp: other });
    assert.deepEqual(resultsOf(AGENT_PROGRAMS.plain), { claude: other, codex: other, acp: other });
    assert.deepEqual(resultsOf(AGENT_PROGRAMS.acp), { claude: other, codex: other, acp: known });
  });

  it('takes no renderer or counter of another program, as the compiler holds', () => {
    const { failures, needs } = AGENT_PROGRAMS.claude;
    const own = { lines: claudeLines, counter: () => new ClaudeCounter(), renderer: () => claudeText, failures, needs };
    eventProgram(own);
    // @ts-expect-error the renderer takes events of Codex
    eventProgram({ ...own, renderer: () => (event: CodexEvent) => new CodexText().render(event) });
    // @ts-expect-error the counter takes events of Codex
    eventProgram({ ...own, counter: (printed: PrintedLines) => new CodexCounter(printed) });
  });

  it('shows a line unchanged if a declared field has another type, and counts the rest of it', () => {
    const line = '{"type":"result","subtype":"success","is_error":false,"num_turns":"7","total_cost_usd":0.5}';
    const { reader, renderer } = AGENT_PROGRAMS.claude;
    const own = reader();
    own.read(line);
    assert.ok(renderer !== 'unchanged');
    assert.deepEqual(
      { shown: renderer()(line), turns: own.report.turns, cost: own.report.costUsd, drift: [...own.drift] },
      { shown: undefined, turns: 7, cost: 0.5, drift: [['result.num_turns: text', 1]] },
    );
  });
});
