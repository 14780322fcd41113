/** The Codex CLI. */
import { failurePatterns } from '../../../kernel/failure/classify';
import { eventProgram } from '../output/program';
import { CodexCounter } from './counter';
import failures from './failures.json';
import { codexLines } from './lines';
import { CodexText } from './renderer';

export const CODEX = eventProgram({
  lines: codexLines,
  counter: (printed) => new CodexCounter(printed),
  renderer: () => {
    const text = new CodexText();
    return (event) => text.render(event);
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
});
