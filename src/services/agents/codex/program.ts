/** The Codex CLI. */
import { failurePatterns } from '../../../kernel/failure/classify';
import type { AgentProgram } from '../output/program';
import { CodexReader } from './codex';
import { CodexText } from './codexText';
import failures from './failures.json';

export const CODEX: AgentProgram = {
  reader: () => new CodexReader(),
  renderer: () => {
    const text = new CodexText();
    return (value) => text.render(value);
  },
  failures: failurePatterns.parse(failures).patterns,
  signIn: {
    install: 'npm install -g @openai/codex',
    line: 'codex login',
    keys: ['CODEX_API_KEY', 'OPENAI_API_KEY'],
    status: ['login', 'status'],
    // With a custom provider that needs no sign-in it prints something unknown.
    signedIn: ({ code, stdout, stderr }) => {
      if (code === 0) return true;
      return /not logged in/i.test(`${stdout}\n${stderr}`) ? false : undefined;
    },
  },
  needs: [],
};
