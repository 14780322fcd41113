/** Conditions of the palette, and reasons, that several declarations share. */

export const WRITABLE = 'intercore.databaseWritable';
export const ACTIVE_RUN = 'intercore.databaseWritable && intercore.runActive';
export const SOME_RUN = 'intercore.runPresent';
export const SOME_DISPATCH = 'intercore.dispatchPresent';
export const SOME_HELD_ACCOUNT = 'isWorkspaceTrusted && intercore.accountHeld';
export const SOME_PORTFOLIO = 'intercore.portfolioPresent';
export const ACTIVE_PORTFOLIO = 'intercore.portfolioWritable && intercore.portfolioActive';
export const SOME_PROJECT = 'intercore.databaseWritable && intercore.projectPresent';
export const SOME_PROJECT_TO_SEE = 'intercore.projectPresent';
export const SOME_TASK = 'intercore.taskPresent';
export const SOME_SUBTASK = 'intercore.subtaskPresent';

export const IN_VIEW = { not: 'the views show it' } as const;
/** No client of `ic mcp` shows a person the real path. */
export const IN_PERSON = { not: 'a person decides in the editor, which shows the real path, or with ic' } as const;
export const SHOWN_PATH = { not: 'ic prints the real path' } as const;

/** The flag of long texts. */
export const TEXT_FILES = '--body-file';
/** Any program may change a record; agents are started by the window that has its folder open. */
export const BY_WINDOW = 'A VS Code window that has the folder open carries it out.';
