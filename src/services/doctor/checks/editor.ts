/** Whether the window may do anything, and whether its settings can be read. */
import { found, type Check } from '../model';

export const trustCheck: Check = {
  id: 'trust',
  starts: false,
  look: ({ place, trusted }) => {
    // Trust is a matter of windows.
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
            found('SETTING_INVALID', { setting, problem }, { fix: { kind: 'setting', setting } }),
          ),
    ),
};
