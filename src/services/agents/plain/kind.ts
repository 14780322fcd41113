/** The built-in kind of any program: the prompt is its script. The demo and tests use it. */
import type { AgentKind } from '../../../contract/agentKinds';

export const SHELL_KIND: AgentKind = {
  name: 'shell',
  command: 'sh',
  args: ['${promptFile}'],
  promptBy: 'file',
  parser: 'plain',
};
