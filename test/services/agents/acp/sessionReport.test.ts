/** What is counted of a session, and how its failures are read. */
import assert from 'node:assert/strict';
import { agentFailure } from '../../../../src/services/failures/agentFailure';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { SessionLines } from '../../../support/agents/sessionLines';

const KIND: AgentKind = { name: 'k', command: 'c', args: [], protocol: 'acp', promptBy: 'stdin', parser: 'acp' };

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
    [0, 'the agent did not accept the mode "ask", in which it asks for permission', 'badArguments'],
    [-32098, 'the agent speaks version 2 of the protocol, not 1', 'badArguments'],
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

  it('is that of a session that was not opened', () => {
    const error = { code: -32000, message: 'Authentication required' };
    const lines = new SessionLines().ended(null, { stopReason: null, error });
    assert.deepEqual(
      { failure: lines.report().failure, failureClass: classOf(lines) },
      { failure: 'Authentication required', failureClass: 'signIn' },
    );
  });

  it('is in what the agent printed if it ended without an answer', () => {
    const lines = new SessionLines().add('stderr', { text: 'connect ECONNREFUSED 127.0.0.1:443' });
    lines.ended(null, { stopReason: null, error: { code: -32099, message: 'the agent has ended' } });
    assert.deepEqual(
      { failure: lines.report().failure, failureClass: classOf(lines) },
      { failure: undefined, failureClass: 'network' },
    );
  });

  it('is forgotten once a session opens or a turn starts', () => {
    const lines = new SessionLines().ended(null, { stopReason: null, error: { code: -32002, message: 'no session' } });
    assert.equal(lines.opened('none').report().failure, undefined);
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
