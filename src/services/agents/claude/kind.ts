/** The built-in kind of the Claude CLI. */
import type { AgentKind } from '../../../contract/agentKinds';

export const CLAUDE_KIND: AgentKind = {
  name: 'claude',
  command: 'claude',
  args: [
    '--print',
    '--dangerously-skip-permissions',
    '--output-format',
    'stream-json',
    '--verbose',
    '--mcp-config=${mcpConfigFile}',
    '--model=${model}',
    '--resume=${session}',
  ],
  promptBy: 'stdin',
  parser: 'claude',
  passEnv: [
    'ANTHROPIC_*',
    'CLAUDE_*',
    'API_TIMEOUT_MS',
    'MAX_THINKING_TOKENS',
    'MCP_*',
    'BASH_DEFAULT_TIMEOUT_MS',
    'BASH_MAX_TIMEOUT_MS',
    'DISABLE_*',
    'IS_SANDBOX',
    'OTEL_*',
    // Claude on Amazon Bedrock, Google Vertex AI and Microsoft Foundry signs in as those do.
    'AWS_*',
    'GOOGLE_*',
    'GCLOUD_PROJECT',
    'CLOUD_ML_REGION',
    'CLOUDSDK_*',
    'VERTEX_*',
    'AZURE_*',
  ],
};
