/** The Claude CLI. */
import * as z from 'zod';
import { failurePatterns } from '../../../kernel/failure/classify';
import { eventProgram } from '../output/program';
import { ClaudeCounter } from './counter';
import failures from './failures.json';
import { claudeLines } from './lines';
import { claudeText } from './renderer';

const status = z.object({ loggedIn: z.boolean() });

export const CLAUDE = eventProgram({
  lines: claudeLines,
  counter: () => new ClaudeCounter(),
  renderer: () => claudeText,
  failures: failurePatterns.parse(failures).patterns,
  signIn: {
    install: 'npm install -g @anthropic-ai/claude-code',
    line: 'claude auth login',
    keys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
    status: ['auth', 'status', '--json'],
    signedIn: ({ stdout }) => {
      try {
        return status.safeParse(JSON.parse(stdout)).data?.loggedIn;
      } catch (error) {
        // Older versions do not have the command.
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  },
  needs: [
    { cause: 'CLAUDE_CODE_USE_BEDROCK', anyOf: [['AWS_REGION', 'AWS_DEFAULT_REGION']] },
    { cause: 'CLAUDE_CODE_USE_VERTEX', anyOf: [['CLOUD_ML_REGION'], ['ANTHROPIC_VERTEX_PROJECT_ID']] },
    { cause: 'CLAUDE_CODE_USE_FOUNDRY', anyOf: [['ANTHROPIC_FOUNDRY_RESOURCE', 'ANTHROPIC_FOUNDRY_BASE_URL']] },
  ],
});
