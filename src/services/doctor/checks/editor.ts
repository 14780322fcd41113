/** Whether the window is trusted, and whether its settings are valid. */
import { found, type Check } from '../model';
import { foreignText } from '../../../kernel/errors/reasons/problem';

export const trustCheck: Check = {
  id: 'trust',
  starts: false,
  look: ({ place, trusted }) => {
    // Only windows have trust.
    if (place === 'shell') return Promise.resolve([]);
    const fix = { kind: 'command', command: 'workbench.trust.manage', args: null } as const;
    return Promise.resolve([trusted ? found('TRUSTED') : found('UNTRUSTED', {}, { fix })]);
  },
};

export const settingsCheck: Check = {
  id: 'settings',
  starts: false,
  look: ({ invalidSettings }) =>
    Promise.resolve(
      invalidSettings.length === 0
        ? [found('SETTINGS_VALID')]
        : invalidSettings.map(({ setting, problem }) =>
            found('SETTING_INVALID', { setting, problem: foreignText(problem) }, { fix: { kind: 'setting', setting } }),
          ),
    ),
};
