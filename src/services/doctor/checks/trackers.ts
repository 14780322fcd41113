/** Beads and GitHub, which are optional. */
import { findProgram, versionIn } from '../../../host/process/programs';
import { found, type Check } from '../model';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';

/** Scopes that pull requests and private repositories need. */
const SCOPES = ['repo'];

export const beadsCheck: Check = {
  id: 'beads',
  starts: true,
  async look({ environment, ask }) {
    const fix = { kind: 'link', url: 'https://github.com/steveyegge/beads' } as const;
    const file = await findProgram('bd', environment);
    if (file === undefined) return [found('BEADS_ABSENT', {}, { fix })];
    const answer = await ask(file, ['--version']);
    const version = versionIn(answer.stdout);
    const said = answer.problem ?? answer.stderr.trim();
    const problem = said === '' ? because('no answer') : foreignText(said);
    return [
      version === undefined
        ? found('BEADS_MUTE', { path: file, problem })
        : found('BEADS_FOUND', { version, path: file }),
    ];
  },
};

export const githubCheck: Check = {
  id: 'github',
  starts: false,
  async look({ github }) {
    const state = await github();
    switch (state.kind) {
      case 'signedOut':
        return [found('GITHUB_SIGNED_OUT')];
      case 'token':
        return [found('GITHUB_TOKEN', { variable: state.variable })];
      case 'unknown':
        return [found('GITHUB_UNKNOWN', { problem: state.problem })];
      case 'signedIn': {
        const missing = SCOPES.filter((scope) => !state.scopes.includes(scope));
        return [
          missing.length === 0
            ? found('GITHUB_SIGNED_IN', { scopes: state.scopes.join(', ') })
            : found('GITHUB_FEW_SCOPES', { missing: missing.join(', ') }),
        ];
      }
    }
  },
};
